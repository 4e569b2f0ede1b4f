"""What the search of the issuances understands: whole ids, whole addresses, beginnings of names."""

from __future__ import annotations

import ipaddress

from django.db.models import Q
from django.utils.text import smart_split, unescape_string_literal

LONGEST = 255
"""Characters; no column holds more, and SQLite fails on very long ones."""


def matching(term: str) -> Q:
    """Return what all words of the term have in common; "in quotes" is one word.

    Or the term as a whole: some sites have usernames of several words.
    """
    term = term[:LONGEST].strip()
    words = [_unquoted(word) for word in smart_split(term)]
    found = Q()
    for word in words:
        found &= _of_word(word)
    return found if len(words) < 2 else found | Q(username__istartswith=term)


def _unquoted(word: str) -> str:
    return unescape_string_literal(word) if word[0] in "'\"" and word[0] == word[-1] else word


def _of_word(word: str) -> Q:
    # Comparisons that an index answers; a part from the middle of a word would read every row.
    if _is_address(word):
        return Q(ip_address=word)
    return Q(username__istartswith=word) | Q(reference=word) | Q(session_id=word)


def _is_address(word: str) -> bool:
    try:
        return not getattr(ipaddress.ip_address(word), "scope_id", None)
    except ValueError:
        return False
