"""`.env.example` lists what the settings read, and nothing else."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from pitchguard_site.environment import Environment

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
VARIABLE = re.compile(r"^#?([A-Z][A-Z_]+)=(.*)$", re.MULTILINE)


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The variables that the settings ask for when they are read."""
    names: set[str] = set()
    get_value = Environment.get_value
    origins = Environment.origins

    def note_value(self: Environment, var: str, *args: Any, **kwargs: Any) -> Any:
        names.add(var)
        return get_value(self, var, *args, **kwargs)

    def note_origins(self: Environment, options: dict[str, str]) -> dict[str, str]:
        names.update(options.values())
        return origins(self, options)

    monkeypatch.setattr(Environment, "get_value", note_value)
    monkeypatch.setattr(Environment, "origins", note_origins)
    runpy.run_path(str(ROOT / "pitchguard_site" / "settings.py"))
    return names


def test_example__lists_what_the_settings_read(asked_for: set[str]) -> None:
    listed = [name for name, _value in VARIABLE.findall(EXAMPLE)]
    assert sorted(listed) == sorted(asked_for)


def test_example__explains_every_variable() -> None:
    before = ""
    for line in EXAMPLE.splitlines():
        if VARIABLE.match(line):
            assert re.match(r"# [^-]", before), f"{line} has no explanation"
        before = line


def test_example__holds_no_secret() -> None:
    values = dict(VARIABLE.findall(EXAMPLE))
    assert {values[name] for name in values if name.endswith("_KEY")} == {""}
