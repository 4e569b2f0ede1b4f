"""Verifying the chain itself: is every digest there, unchanged, and signed by this site?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chatkit_gateway.digests import canonical, chain, reading, wording
from chatkit_gateway.models import Digest


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: what was found out about it, and its digest if that can be trusted."""

    findings: list[str]
    trusted: Digest | None = None


def walk() -> Iterator[Link]:
    """Walk the chain from its first digest to its last; holds two digests in memory."""
    before: Digest | None = None
    expected = 1
    numbers = list(reading.stored(Digest).order_by("number").values_list("pk", flat=True))
    for number in numbers:
        digest = read(number)
        if before:
            yield _judge(before, digest if number == expected else None)
        if number > expected:
            yield Link([_missing(expected, number - 1)])
        elif number == 1 and digest and digest.previous != chain.ORIGIN and chain.is_signed(digest):
            yield Link([_("Digest 1 was made anew with the site's key: nothing comes before it.")])
        if digest is None:
            yield Link([_("Digest %d was changed: it cannot be read any more.") % number])
        before, expected = digest, number + 1
    if before:
        yield _judge(before, None)


def is_trusted(digest: Digest) -> bool:
    """Tell whether what a digest says of rows can be relied on."""
    return chain.is_signed(digest) and chain.holds_its_rows(digest) and _is_known(digest)


def read(number: int) -> Digest | None:
    """Return a digest; None if there is none, or none that can be read."""
    try:
        return reading.stored(Digest).get(pk=number)
    except Digest.DoesNotExist:
        return None
    except Exception as error:
        if not reading.is_content(error):
            raise
        return None


def _is_known(digest: Digest) -> bool:
    return digest.subject in canonical.FIELDS.get(digest.format, {})


def _missing(first: int, last: int) -> str:
    if first == last:
        return _("Digest %d is missing.") % first
    return _("Digests %(first)d to %(last)d are missing.") % {"first": first, "last": last}


def _judge(digest: Digest, following: Digest | None) -> Link:
    """Tell what was done to a digest, which the one that follows it (if any) helps to say."""
    details = {"digest": wording.digest(vars(digest)), "next": digest.number + 1}
    known = following and following.previous == chain.link(digest)
    findings = []
    if not chain.is_signed(digest):
        if following is None:
            words = _("%(digest)s was changed, or signed with a key that this site does not have.")
        elif known:
            words = _(
                "%(digest)s is signed with a key that this site does not have. Was SECRET_KEY "
                "changed, and the old one not kept in SECRET_KEY_FALLBACKS?"
            )
        else:
            words = _("%(digest)s was changed: its signature does not fit any more.")
        findings.append(words % details)
    else:
        if following and not known and chain.is_signed(following):
            words = _(
                "%(digest)s, or digest %(next)d, was made anew with the site's key: they do not "
                "fit together."
            )
            findings.append(words % details)
        if not chain.holds_its_rows(digest):
            findings.append(_("%(digest)s was changed: its row hashes.") % details)
        if not _is_known(digest):
            findings.append(_("%(digest)s is of a kind that this version does not know.") % details)
    return Link(findings, digest if is_trusted(digest) else None)
