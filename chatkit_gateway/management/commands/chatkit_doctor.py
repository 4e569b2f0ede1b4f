"""`manage.py chatkit_doctor`: the deployment checklist, run."""

from __future__ import annotations

import json
import logging
import shutil
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chatkit_gateway import conf
from chatkit_gateway.doctor import examination, report
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Level

_USAGE = 2
"""The exit status where the doctor was asked wrongly; 1 is for what it found."""


class Command(BaseCommand):
    """Examine, tell, and say by the exit status whether all is well."""

    help = "Examines whether members can chat, and says what to do where they cannot."
    # It has to work where they fail; it runs them itself and explains what they say.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to look at, and how to answer."""
        parser.add_argument("--assistant", metavar="ALIAS", help="Look at this one only.")
        parser.add_argument(
            "--url", metavar="URL", help="The assistant's page at its public address, to visit it."
        )
        parser.add_argument(
            "--member",
            metavar="USERNAME",
            help="See that page with this account's eyes: a login is made for it and ended.",
        )
        parser.add_argument(
            "--no-session", action="store_true", help="Do not make a real session at OpenAI."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON instead of tables.")
        parser.add_argument(
            "--fail-level",
            choices=[Level.PROBLEM.value, Level.WARNING.value],
            default=Level.PROBLEM.value,
            help="From which level on the exit status is 1.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine; raises CommandError with status 1 for what was found, 2 for wrong usage."""
        case = Case(
            alias=_alias(options["assistant"]),
            address=_address(options["url"]),
            member=_member(options["member"], options["url"]),
            with_session=not options["no_session"],
        )
        with _quiet(options["verbosity"]):
            if options["json"]:
                for _area in examination.examine(case):
                    pass
                self.stdout.write(json.dumps(report.as_data(case), indent=2))
            else:
                self._print(case)
        self._end(case, Level(options["fail_level"]))

    def _print(self, case: Case) -> None:
        from chatkit_gateway.doctor import table

        look = table.Look(
            # As Django decides for its own colours, with --no-color and --force-color.
            colour=self.style.ERROR("") != "",
            width=shutil.get_terminal_size().columns if self.stdout.isatty() else None,
            names_assistants=case.has_several(),
        )
        self.stdout.write(table.head(look))
        for area, findings in examination.examine(case):
            if findings:
                self.stdout.write(table.of_area(area, findings, look))
        self.stdout.write(table.summary(case.findings, look))

    def _end(self, case: Case, fail_level: Level) -> None:
        bad = [finding for finding in case.findings if finding.level.rank >= fail_level.rank]
        if bad:
            words = ngettext(
                "The doctor found %(count)d thing to repair.",
                "The doctor found %(count)d things to repair.",
                len(bad),
            )
            raise CommandError(words % {"count": len(bad)}, returncode=1)


def _alias(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        known = list(conf.gateway().assistants)
    except Exception:
        # Unreadable settings are a finding, and told as one.
        return given
    if given not in known:
        raise CommandError(
            _("There is no assistant '%(alias)s'; there is: %(known)s.")
            % {"alias": given, "known": ", ".join(known) or "-"},
            returncode=_USAGE,
        )
    return given


def _address(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        parts = urlsplit(given)
        complete = parts.scheme in {"http", "https"} and bool(parts.hostname)
        # Reading the port is what finds a wrong one.
        complete = complete and (parts.port is None or parts.port > 0)
    except ValueError:
        complete = False
    if not complete or "@" in parts.netloc:
        raise CommandError(
            _("--url must be an address such as https://portal.example.org/assistant/."),
            returncode=_USAGE,
        )
    return parts._replace(path=parts.path or "/", query="", fragment="").geturl()


def _member(username: str | None, url: str | None) -> AbstractBaseUser | None:
    if username is None:
        return None
    if url is None:
        raise CommandError(_("--member needs --url: whose page is to be seen?"), returncode=_USAGE)
    users = get_user_model()
    try:
        return users._default_manager.get_by_natural_key(username)
    except users.DoesNotExist:
        raise CommandError(_("There is no such account."), returncode=_USAGE) from None
    except DatabaseError:
        raise CommandError(
            _("The database does not answer: run the doctor without --member first."),
            returncode=_USAGE,
        ) from None


@contextmanager
def _quiet(verbosity: int) -> Iterator[None]:
    """Keep the log out of the report; ``--verbosity 2`` lets it in."""
    before = logging.root.manager.disable
    if verbosity < 2:
        logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
