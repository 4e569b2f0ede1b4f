"""Test a site that issues ChatKit client secrets without the internet.

An emulator of the OpenAI API over real HTTP, with faults to switch on while it runs. Needs the
extra `testkit`. Importing this package costs nothing: its names are loaded when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .emulator import Emulator
    from .faults import SCENARIOS, Fault
    from .recording import RecordedRequest
    from .sessions import Session

__all__ = ["SCENARIOS", "Emulator", "Fault", "RecordedRequest", "Session"]

_HOMES = {
    "Emulator": ".emulator",
    "Fault": ".faults",
    "RecordedRequest": ".recording",
    "SCENARIOS": ".faults",
    "Session": ".sessions",
}


def __getattr__(name: str) -> Any:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return getattr(import_module(home, __name__), name)
