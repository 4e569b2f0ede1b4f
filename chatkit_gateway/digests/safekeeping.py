"""The file with the digests that is kept out of reach of whoever can change the database."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from chatkit_gateway.digests import chain, reading, wording
from chatkit_gateway.digests.standing import read
from chatkit_gateway.models import Digest


class FileDiffers(Exception):
    """The file cannot be continued. The message, for an operator, says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file; ``number`` is that of its digest, or None if it holds none."""

    place: int
    text: str
    digest: dict[str, Any]
    is_ended: bool

    @property
    def number(self) -> int | None:
        """Return the number of the digest."""
        number = self.digest.get("number")
        return number if isinstance(number, int) else None

    def finding(self) -> str | None:
        """Tell what the database has in place of this digest; None if it has the same."""
        if self.number is None:
            return _("Line %d of the file is no digest. Was writing it cut off?") % self.place
        stored = read(self.number)
        if stored and chain.line(stored) == self.text:
            return None
        if stored:
            words = _("%(digest)s is in line %(line)d of the file, but differs in the database.")
        else:
            words = _("%(digest)s is in line %(line)d of the file, but not in the database.")
        return words % {"digest": wording.digest(self.digest), "line": self.place}


def lines(path: Path) -> Iterator[Line]:
    """Read the file, one line in memory at a time. Raises `OSError`."""
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for place, raw in enumerate(file, start=1):
            text = raw.rstrip("\r\n")
            try:
                digest = json.loads(text)
            except (ValueError, RecursionError):
                digest = None
            yield Line(place, text, digest if isinstance(digest, dict) else {}, raw.endswith("\n"))


def findings(path: Path) -> Iterator[str]:
    """Tell of each digest in the file that the database does not have, or not like that."""
    for line in lines(path):
        finding = line.finding()
        if finding:
            yield finding


def append(path: Path) -> int:
    """Add the digests that the file does not hold yet; returns how many.

    Creates the file. Raises `FileDiffers` if the database does not have its last digest, so that a
    file is never continued with the chain of a rewritten or an older database; and `OSError`.
    """
    last = next(iter(deque(lines(path), maxlen=1)), None) if path.exists() else None
    finding = last.finding() if last else None
    if finding:
        raise FileDiffers(finding)
    number = (last and last.number) or 0
    following = reading.stored(Digest).filter(number__gt=number).defer("rows")
    with path.open("a", encoding="utf-8", newline="\n") as file:
        if last and not last.is_ended:
            file.write("\n")
        digests = following.order_by("number").iterator()
        return sum(1 for digest in digests if file.write(f"{chain.line(digest)}\n"))
