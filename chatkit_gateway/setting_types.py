"""What can be wrong with one dict of settings: its keys, the types of its values, dotted paths."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

Types = tuple[type, ...]
"""The types a setting may have, as `isinstance` takes them; bool only where it is named."""


def check_keys(
    place: str, given: Mapping[str, Any], types: Mapping[str, Types], *, positive: bool = False
) -> Iterator[CheckMessage]:
    """Yield E001 for unknown keys and E003 for wrong values; ``place`` is how to name the dict.

    Numbers must be finite and not negative, or more than zero if ``positive``.
    """
    for key, value in given.items():
        where = f"{place}[{key!r}]"
        if key not in types:
            yield unknown_key(place, key, types)
        elif not _fits(value, types[key]):
            yield wrong_type(where, value, types[key])
        elif not _in_range(value, positive):
            yield Error(
                f"{where} must be {'more than zero' if positive else 'zero or more'}.",
                hint="docs/settings.md says what it limits.",
                id="chatkit_gateway.E003",
            )


def _fits(value: Any, types: Types) -> bool:
    return bool in types if isinstance(value, bool) else isinstance(value, types)


def _in_range(value: Any, positive: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return True
    return value < math.inf and (value > 0 if positive else value >= 0)


def unknown_key(place: str, key: Any, known: Mapping[str, Any]) -> Error:
    """Return E001 for a key that means nothing there."""
    return Error(
        f"{place} has the unknown key {key!r}.",
        hint=f"The keys are {', '.join(known)}.",
        id="chatkit_gateway.E001",
    )


def wrong_type(place: str, value: Any, types: Types) -> Error:
    """Return E003; names the type of the value, never the value, which may be a secret."""
    expected = " or ".join(
        "None" if kind is type(None) else "dict" if kind is Mapping else kind.__name__
        for kind in types
    )
    return Error(
        f"{place} must be {expected}, not {type(value).__name__}.",
        hint="docs/settings.md lists the type of every setting.",
        id="chatkit_gateway.E003",
    )


def check_path(place: str, path: str) -> Iterator[CheckMessage]:
    """Yield E004 unless the dotted path leads to something that can be called."""
    if reason := why_not_callable(path):
        yield Error(
            f"{place} names '{path}', which cannot be used: {reason}.",
            hint="Give the dotted path of a callable.",
            id="chatkit_gateway.E004",
        )


def why_not_callable(path: str) -> str:
    """Return what keeps a dotted path from leading to a callable; empty if nothing does."""
    try:
        found = import_string(path)
    except (ImportError, TypeError, ValueError) as error:  # A leading dot is not an ImportError.
        return str(error)
    return "" if callable(found) else "it is not callable"
