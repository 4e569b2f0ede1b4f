"""Accounts to try the portal with."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandParser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pitchguard_site.apps import GROUP


@dataclass(frozen=True, slots=True)
class Person:
    """One demo account and what it is there to show."""

    username: str
    first_name: str
    last_name: str
    shows: str | Promise
    member: bool = False
    admin: bool = False


PEOPLE = (
    Person("maya", "Maya", "Okafor", _("a club member"), member=True),
    Person("jonas", "Jonas", "Lindqvist", _("a club member"), member=True),
    Person("oscar", "Oscar", "Bell", _("an outsider: may log in, may not chat")),
    Person(
        "admin", "Ada", "Admin", _("an admin: sees the audit at /admin/"), member=True, admin=True
    ),
)


class Command(BaseCommand):
    """Create or refresh the demo accounts; harmless to run again."""

    help = (
        "Creates two members, an outsider and an admin with random passwords. The passwords are "
        "kept in a file that only you can read, so that the next run can show them again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file of the passwords."""
        parser.add_argument("--passwords", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, passwords: Path, **options: Any) -> None:
        """Make the accounts and print them."""
        known: dict[str, str] = json.loads(passwords.read_text()) if passwords.exists() else {}
        for person in PEOPLE:
            known.setdefault(person.username, secrets.token_urlsafe(9))
            self._make(person, known[person.username])
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps(known, indent=2))
        width = max(len(password) for password in known.values())
        for person in PEOPLE:
            self.stdout.write(
                f"  {person.username:<6} {known[person.username]:<{width}}  {person.shows}"
            )

    def _make(self, person: Person, password: str) -> None:
        user, _created = User.objects.get_or_create(username=person.username)
        user.first_name, user.last_name = person.first_name, person.last_name
        user.email = f"{person.username}@example.org"
        user.is_active = True
        user.is_staff = user.is_superuser = person.admin
        if not user.check_password(password):
            user.set_password(password)
        user.save()
        if person.member:
            user.groups.add(Group.objects.get(name=GROUP))
