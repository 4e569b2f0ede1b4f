"""Verifying the chain itself: is every digest there, and as it was made?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from chatkit_gateway.digests import chain, wording
from chatkit_gateway.digests.standing import Standing, Standings, is_known, read
from chatkit_gateway.models import Digest


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: what was found out about it, and its digest if that can be trusted."""

    findings: list[str]
    trusted: Digest | None = None


@dataclass(slots=True)
class _UnknownRun:
    """Digests in a row, fitting together, that somebody else has signed."""

    first: int = 0
    last: Digest | None = field(default=None)

    def goes_on_with(self, digest: Digest) -> bool:
        return self.last is not None and digest.previous == chain.link(self.last)

    def findings(self) -> list[str]:
        if self.last is None:
            return []
        last = self.last.number
        if self.first == last:
            words = _("%s was changed, or signed with a key that this site does not have.")
            return [words % wording.digest(vars(self.last))]
        words = _(
            "Digests %(first)d to %(last)d were changed, or signed with a key that this site does "
            "not have. Was SECRET_KEY changed, and the old one taken from SECRET_KEY_FALLBACKS "
            "before chatkit_digest had sealed with the new one?"
        )
        return [words % {"first": self.first, "last": last}]


def walk(standings: Standings) -> Iterator[Link]:
    """Walk the chain from its first digest to its last; holds two digests in memory."""
    expected = 1
    run = _UnknownRun()
    for number in standings.numbers:
        digest = read(number)
        is_unknown = digest is not None and standings.of(number) is Standing.UNKNOWN
        if digest and is_unknown and run.goes_on_with(digest):
            run.last = digest
        else:
            yield Link([*run.findings(), *_missing(expected, number)])
            run = _UnknownRun(number, digest) if is_unknown else _UnknownRun()
        if not is_unknown:
            yield _link(number, digest, standings)
        expected = number + 1
    yield Link(run.findings())


def _missing(expected: int, number: int) -> list[str]:
    last = number - 1
    if expected > last:
        return []
    if expected == last:
        return [_("Digest %d is missing.") % last]
    return [_("Digests %(first)d to %(last)d are missing.") % {"first": expected, "last": last}]


def _link(number: int, digest: Digest | None, standings: Standings) -> Link:
    if digest is None:
        return Link([_("Digest %d was changed: it cannot be read any more.") % number])
    details = {"digest": wording.digest(vars(digest)), "next": number + 1}
    standing = standings.of(number)
    if standing is Standing.CHANGED:
        return Link([_("%(digest)s was changed: digest %(next)d knows it differently.") % details])
    findings = []
    if standing is Standing.ANEW:
        words = _(
            "%(digest)s, or digest %(next)d, was made anew with the site's key: they do not fit "
            "together."
        )
        findings.append(words % details)
    if number == 1 and digest.previous != chain.ORIGIN:
        words = _("%(digest)s was made anew with the site's key: nothing comes before it.")
        findings.append(words % details)
    if not chain.holds_its_rows(digest):
        findings.append(_("%(digest)s was changed: its row hashes.") % details)
    if not is_known(digest):
        findings.append(_("%(digest)s is of a kind that this version does not know.") % details)
    return Link(findings, digest if standings.trusts(digest) else None)
