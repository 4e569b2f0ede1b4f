"""Somebody who uses the portal over real HTTP, with cookies like a browser's."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Self

import httpx2

PASSWORD = "correct horse battery staple"


class Visitor:
    """One browser's worth of cookies against the portal at ``base_url``."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.http = httpx2.Client(base_url=base_url, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def log_in(
        self, username: str, password: str = PASSWORD, *, at: str = "/accounts/login/"
    ) -> Self:
        """Log in by the form at this address, as a person would."""
        form = self.http.get(at)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
        assert token, form.text
        answer = self.http.post(
            at,
            data={
                "username": username,
                "password": password,
                "csrfmiddlewaretoken": token[1],
            },
        )
        assert answer.status_code == 302, answer.text
        return self

    def log_out(self) -> None:
        """Log out by the button in the header."""
        answer = self.http.post("/accounts/logout/", headers=self.csrf())
        assert answer.status_code == 302, answer.text

    def csrf(self) -> dict[str, str]:
        """Return the header that a script of the portal's own sends."""
        return {"X-CSRFToken": self.http.cookies.get("csrftoken") or ""}

    def ask(
        self, json: Any = None, *, path: str = "/chatkit/session", **request: Any
    ) -> httpx2.Response:
        """Ask for a client secret; keyword arguments as `httpx2.Client.post`."""
        headers = self.csrf() | request.pop("headers", {})
        if json is not None:
            request["json"] = json
        return self.http.post(path, headers=headers, **request)
