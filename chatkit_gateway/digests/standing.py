"""Which digests can be relied on: those the site signed, and those that a later one vouches for."""

from __future__ import annotations

from enum import Enum, auto

from chatkit_gateway.digests import canonical, chain, reading
from chatkit_gateway.models import Digest


class Standing(Enum):
    """What a digest's signature and the digest after it say of it."""

    SIGNED = auto()
    """By this site, with a key that it has."""
    VOUCHED = auto()
    """With another key; but a later digest of this site holds its hash."""
    ANEW = auto()
    """By this site; but a later digest of this site holds another hash."""
    CHANGED = auto()
    """Not by this site, and a later digest of this site holds another hash."""
    UNKNOWN = auto()
    """Not by this site, and no later digest says what it was."""
    UNREADABLE = auto()
    """The database holds what its columns cannot."""


_AUTHENTIC = {Standing.SIGNED, Standing.VOUCHED, Standing.ANEW}


class Standings:
    """The standing of every digest there was when this was made."""

    def __init__(self) -> None:
        stored = reading.stored(Digest).order_by("number")
        self.numbers: list[int] = list(stored.values_list("number", flat=True))
        # Of a sound chain, nothing is kept here.
        self._odd: dict[int, Standing] = {}
        following: Digest | None = None
        for number in reversed(self.numbers):
            digest = read(number, with_rows=False)
            if following and following.number != number + 1:
                following = None
            standing = _judge(digest, following)
            if standing is not Standing.SIGNED:
                self._odd[number] = standing
            following = digest if standing in _AUTHENTIC else None

    def of(self, number: int) -> Standing:
        """Return the standing of one of `numbers`."""
        return self._odd.get(number, Standing.SIGNED)

    def trusts(self, digest: Digest) -> bool:
        """Tell whether what a digest says of rows can be relied on; it may have come since."""
        if digest.number in self._odd:
            is_authentic = self._odd[digest.number] in _AUTHENTIC
        else:
            is_authentic = chain.is_signed(digest)
        return is_authentic and chain.holds_its_rows(digest) and is_known(digest)


def is_known(digest: Digest) -> bool:
    """Tell whether this version knows the format and the subject of a digest."""
    return digest.subject in canonical.FIELDS.get(digest.format, {})


def read(number: int, *, with_rows: bool = True) -> Digest | None:
    """Return a digest; None if there is none, or none that can be read."""
    stored = reading.stored(Digest)
    try:
        return (stored if with_rows else stored.defer("rows")).get(number=number)
    except Digest.DoesNotExist:
        return None
    except Exception as error:
        if not reading.is_content(error):
            raise
        return None


def _judge(digest: Digest | None, following: Digest | None) -> Standing:
    """Judge a digest by the one that follows it, if that is authentic, and by its signature."""
    if digest is None:
        return Standing.UNREADABLE
    is_signed = chain.is_signed(digest)
    if following is None:
        return Standing.SIGNED if is_signed else Standing.UNKNOWN
    if following.previous == chain.link(digest):
        return Standing.SIGNED if is_signed else Standing.VOUCHED
    return Standing.ANEW if is_signed else Standing.CHANGED
