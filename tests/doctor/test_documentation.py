"""docs/doctor.md names every finding, every finding has a test, and its JSON is what is printed."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from chatkit_gateway import doctor
from chatkit_gateway.doctor.examination import AREAS
from chatkit_gateway.doctor.findings import Subject
from chatkit_gateway.management.commands.chatkit_doctor import Command

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
TESTS = "".join(
    path.read_text(encoding="utf-8")
    for path in Path(__file__).parent.glob("test_*.py")
    if path != Path(__file__)
)
ELSEWHERE = {"sdk.version": "tests/other_sites/test_sdk.py"}
"""What takes an environment of its own to break."""


def subjects() -> list[str]:
    """Return the ids of everything that is looked at, as the modules declare it."""
    modules = [import_module(f"{doctor.__name__}.{name}") for name in names()]
    return sorted(
        {
            value.id
            for module in modules
            for value in vars(module).values()
            if isinstance(value, Subject)
        }
    )


def names() -> list[str]:
    prefix = f"{doctor.__name__}."
    return [found.name.removeprefix(prefix) for found in walk_packages(doctor.__path__, prefix)]


def test_every_subject_has_its_row() -> None:
    documented = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", PAGE, re.MULTILINE)

    assert sorted(documented) == subjects()


def test_rows_are_in_the_order_of_the_areas() -> None:
    documented = re.findall(r"^\| `([a-z]+)\.[a-z_]+` \|", PAGE, re.MULTILINE)

    assert list(dict.fromkeys(documented)) == [area.id for area in AREAS]


def test_every_subject_has_a_test() -> None:
    for subject in subjects():
        place = ELSEWHERE.get(subject)
        text = (ROOT / place).read_text(encoding="utf-8") if place else TESTS
        assert f'"{subject}"' in text, subject


def test_symptoms_lead_to_subjects() -> None:
    table = PAGE.partition("## From the symptom to the finding")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)`", table))

    assert named <= set(subjects())
    assert len(named) > 10


def test_every_option_is_described() -> None:
    parser = Command().create_parser("manage.py", "chatkit_doctor")
    own = {
        option
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--")
        and option not in {"--help", "--version", "--settings", "--pythonpath", "--traceback"}
        and option not in {"--no-color", "--force-color", "--skip-checks"}
    }
    described = set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))

    assert described == own


def test_the_sample_of_json_has_the_shape_that_is_tested() -> None:
    sample = json.loads(PAGE.partition("```json\n")[2].partition("```")[0])

    assert set(sample) == {"version", "examined_at", "url", "worst", "counts", "findings"}
    assert set(sample["findings"][0]) == {"id", "level", "assistant", "title", "found", "to_do"}
