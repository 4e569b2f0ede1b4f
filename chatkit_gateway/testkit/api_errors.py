"""Refusals in the words and the shape of the OpenAI API."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

# What OpenAI calls the kinds of failure; every status not named here is "invalid_request_error".
_TYPES = {429: "requests", 500: "server_error", 502: "server_error", 503: "server_error"}


class ApiError(Exception):
    """A request the API refuses, with all that its answer says."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.code = code
        self.headers = headers or {}

    def as_json(self) -> dict[str, Any]:
        """The body that OpenAI sends with this refusal."""
        return error_body(self.status, str(self), param=self.param, code=self.code)


def error_body(
    status: int, message: str, *, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """`{"error": {...}}` as every error of the OpenAI API has it."""
    kind = _TYPES.get(status, "invalid_request_error")
    message = message or HTTPStatus(status).phrase
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}
