"""A site of some kind, with the gateway installed by what the pages say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from tests.other_sites.fresh_site import FreshSite
from tests.other_sites.variants import Variant
from tests.pages import README, ROOT, steps
from tests.visitor import PASSWORD, Visitor

INSTALLING = ROOT / "docs" / "installing.md"
MEMBERSHIP = ROOT / "docs" / "membership.md"
IN_YOUR_OWN_SITE = "## In your own site"
PEOPLE = f"""
from django.contrib.auth import get_user_model

accounts = get_user_model()
for name in ["otto", "maria"]:
    fields = {{"password": {PASSWORD!r}, "is_staff": True}}
    person = accounts.objects.create_user(**{{accounts.USERNAME_FIELD: name + at}}, **fields)
person.groups.add(group)
"""


class InstalledSite:
    """A site of some kind, with the gateway installed by the pages, while it is being served."""

    def __init__(self, site: FreshSite, variant: Variant) -> None:
        self.site = site
        self.variant = variant
        self.said = ""
        self.address = ""

    def install(self) -> None:
        """Make the site what it was before the gateway came, then do what the pages say."""
        self.site.write(self.variant.files)
        for app in self.variant.apps:
            self.site.manage("makemigrations", app)
        extra = steps(INSTALLING, self.variant.section) if self.variant.section else []
        self.said = self.site.follow([*steps(README, IN_YOUR_OWN_SITE), *extra])
        [group] = [
            step.code for step in steps(MEMBERSHIP, "## In the shell") if "Research" in step.code
        ]
        self.site.shell(f"at = {self.variant.at!r}\n{group}{PEOPLE}")

    @contextmanager
    def visitor(self, name: str = "") -> Iterator[Visitor]:
        """Open a browser's worth of cookies; with a name, logged in where the page sends to."""
        with Visitor(self.address + self.variant.prefix) as visitor:
            visitor.http.headers.update(self.variant.headers)
            if name:
                visitor.log_in(name + self.variant.at, at=self.login)
            yield visitor

    @property
    def login(self) -> str:
        """Where the assistant's page sends whoever is not logged in."""
        path = f"{self.variant.prefix}{self.variant.page}"
        return f"{self.variant.login}?next={path}"

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Ask the database that holds the gateway's tables."""
        with closing(sqlite3.connect(self.site.folder / self.variant.database)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query)]
