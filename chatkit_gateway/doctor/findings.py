"""What an examination finds, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chatkit_gateway.errors import Words


class Level(TextChoices):
    """How bad it is, the least first. The values are part of the JSON report."""

    OK = "ok", _("ok")
    INFO = "info", _("info")
    WARNING = "warning", _("warning")
    PROBLEM = "problem", _("problem")

    @property
    def rank(self) -> int:
        """Return its place in that order."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. Holds no secret: every word of it is meant to be passed on."""

    id: str
    """Which subject, such as ``network.tls``; the words may change, this does not."""
    level: Level
    title: Words
    found: Words
    to_do: Words = ""
    assistant: str = ""
    """The alias; empty where the finding is about the whole site."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is looked at. Nothing is a warning or worse without saying what to do."""

    id: str
    title: Words

    def ok(self, found: Words) -> Finding:
        """Return that it is as it should be."""
        return Finding(self.id, Level.OK, self.title, found)

    def info(self, found: Words, to_do: Words = "") -> Finding:
        """Return something worth knowing."""
        return Finding(self.id, Level.INFO, self.title, found, to_do)

    def warning(self, found: Words, to_do: Words) -> Finding:
        """Return what may surprise or fails for some."""
        return Finding(self.id, Level.WARNING, self.title, found, to_do)

    def problem(self, found: Words, to_do: Words) -> Finding:
        """Return what keeps members from chatting."""
        return Finding(self.id, Level.PROBLEM, self.title, found, to_do)


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level there is; ok where nothing was found."""
    return max((finding.level for finding in findings), key=lambda at: at.rank, default=Level.OK)
