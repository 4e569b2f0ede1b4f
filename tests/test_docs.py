"""The pages name what exists, all of it, and nothing else."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.checks import INFO, WARNING

from chatkit_gateway import checks, conf, errors, exports
from chatkit_gateway.backends import hosted_options
from tests import pages
from tests.test_architecture import FLOORS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "chatkit_gateway"
ROOTS = (ROOT, ROOT / "templates", PACKAGE / "templates")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("examples/*/README.md")]
)
DOCS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")}

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
IN_REPOSITORY = re.compile(
    r"(?:\./)?(?:\.ci|benchmarks|chatkit_gateway|docs|examples|pitchguard_site|scripts|templates|tests)/[\w./-]*"
    r"|[\w.-]+\.(?:toml|in|txt|md)|manage\.py|\.env\.example"
)
PROVING_TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")
CHECK_ID = re.compile(r"chatkit_gateway\.[EWI]\d{3}")


def prose(text: str) -> str:
    return FENCE.sub("", text)


def section(page: str, heading: str) -> str:
    """Return what stands under a heading of a page of docs/."""
    return pages.section(DOCS[page], heading)


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of a section's tables, without the heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {number for number, line in enumerate(lines[1:]) if line.startswith("|---")}
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for number, line in enumerate(lines)
        if number not in heads and not line.startswith("|---")
    ]


def first_column(text: str) -> list[str]:
    return [row[0].strip("`") for row in rows(text)]


def named_in_first_column(heading: str) -> list[str]:
    """Return every name that the first column of a table of the floor plan gives."""
    return [name for row in rows(section("floor-plan", heading)) for name in CODE.findall(row[0])]


def anchors(path: Path) -> set[str]:
    """Return the names that headings can be linked by, as GitHub makes them."""
    headings = HEADING.findall(prose(path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for link in LINK.findall(prose(document.read_text(encoding="utf-8"))):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        assert target.is_file(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_named_files_exist(document: Path) -> None:
    names = CODE.findall(prose(document.read_text(encoding="utf-8")))
    assert [
        name
        for name in names
        if IN_REPOSITORY.fullmatch(name) and not any((root / name).exists() for root in ROOTS)
    ] == []


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_python_in_the_pages_is_python(document: Path) -> None:
    for language, code in FENCE.findall(document.read_text(encoding="utf-8")):
        if language == "python":
            ast.parse(code)


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "docs" / "settings.md"])
def test_settings_to_copy_pass_the_checks(document: Path, settings: Any) -> None:
    code = next(
        code
        for language, code in FENCE.findall(document.read_text(encoding="utf-8"))
        if language == "python" and "CHATKIT_GATEWAY = " in code
    )
    site: dict[str, Any] = {"INSTALLED_APPS": []}
    exec(code, site)  # noqa: S102
    settings.CHATKIT_GATEWAY = site["CHATKIT_GATEWAY"]
    assert {message.level for message in checks.check_gateway(None)} <= {INFO, WARNING}


@pytest.mark.django_db
def test_quotas_to_copy_are_quotas(member: User, staff: User) -> None:
    code = next(code for language, code in FENCE.findall(DOCS["settings"]) if "def limits" in code)
    example: dict[str, Any] = {}
    exec(code, example)  # noqa: S102
    assistant = conf.gateway().assistants["default"]
    assert example["limits"](staff, assistant) is None
    before = example["limits"](member, assistant)
    member.groups.add(Group.objects.create(name="Pitching"))
    assert example["limits"](member, assistant)["hour"] > before["hour"]


def test_every_page_is_in_the_index() -> None:
    linked = {Path(link.partition("#")[0]).stem for link in LINK.findall(DOCS["index"])}
    assert set(DOCS) - {"index"} <= linked


def test_the_error_table() -> None:
    documented = [row[1:4] for row in rows(section("errors", "## The table"))]
    assert documented == [
        [
            str(problem.status),
            f"`{code}`",
            str(problem.outcome.value if problem.outcome else "none"),
        ]
        for code, problem in errors.PROBLEMS.items()
    ]


def test_the_words_of_refusals() -> None:
    documented = {row[0].strip("`"): row[1:] for row in rows(section("errors", "## The words"))}
    assert list(documented) == list(errors.PROBLEMS)
    for code, (detail, hint) in documented.items():
        assert detail == str(errors.PROBLEMS[code].detail)
        assert hint == str(errors.PROBLEMS[code].hint) or not errors.PROBLEMS[code].hint


def test_what_a_front_end_does_covers_every_code() -> None:
    codes = [
        code
        for row in rows(section("errors", "## What a front end does"))
        for code in CODE.findall(row[0])
    ]
    assert sorted(codes) == sorted(errors.PROBLEMS)


def test_codes_of_the_browser_alone() -> None:
    source = PACKAGE / "static" / "chatkit_gateway" / "gateway" / "error.js"
    words = re.search(r"LOCAL_WORDS = {(.*?)}", source.read_text(encoding="utf-8"), re.DOTALL)
    assert words
    sentence = re.search(r"no server sent: (.*?)\(", DOCS["errors"], re.DOTALL)
    assert sentence
    assert CODE.findall(sentence[1]) == re.findall(r"^ +(\w+):", words[1], re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("## The gateway", checks.GATEWAY_TYPES),
        ("## One assistant", checks.ASSISTANT_TYPES),
        ("## Options of the hosted backend", hosted_options.TYPES),
        ("## Upstream", checks.UPSTREAM_TYPES),
    ],
)
def test_every_setting_has_its_row(heading: str, keys: dict[str, object]) -> None:
    assert first_column(section("settings", heading)) == list(keys)


def test_every_column_of_an_export_has_its_row() -> None:
    assert tuple(first_column(section("admin", "### Columns"))) == exports.COLUMNS


def test_defaults_of_the_upstream() -> None:
    documented = {row[0].strip("`"): row[2] for row in rows(section("settings", "## Upstream"))}
    assert documented == {field.name: str(field.default) for field in fields(conf.Upstream)}


def test_every_check_has_its_row() -> None:
    made = {
        found
        for path in PACKAGE.rglob("*.py")
        for found in CHECK_ID.findall(path.read_text(encoding="utf-8"))
    }
    levels = {"E": "Error", "W": "Warning", "I": "Info"}
    documented = {
        row[0].strip("`"): row[1] for row in rows(section("settings", "## System checks"))
    }
    assert documented == {found: levels[found.partition(".")[2][0]] for found in made}


def test_every_check_named_elsewhere_exists() -> None:
    known = set(first_column(section("settings", "## System checks")))
    for name, text in DOCS.items():
        assert set(CHECK_ID.findall(text)) <= known, name


def test_every_variable_has_its_row() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.MULTILINE))
    documented = first_column(section("settings", "## The portal's environment"))
    assert len(documented) == len(set(documented))
    # Says which file to read, so it cannot stand in one.
    assert set(documented) == listed | {"DJANGO_ENV_FILE"}


def test_every_module_has_its_place() -> None:
    plan = DOCS["floor-plan"]
    modules = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py" and path.parent.name != "migrations"
    }
    placed = named_in_first_column("## The floors of `chatkit_gateway`")
    placed += named_in_first_column("## Beside the floors: the test kit")
    assert sorted(placed) == sorted(modules)
    assert "`migrations/`" in plan


def test_the_floors_are_those_that_are_proven() -> None:
    plan = "## The floors of `chatkit_gateway`"
    headings = re.findall(r"^### .+$", section("floor-plan", plan), re.MULTILINE)
    documented = [
        {Path(module).parts[0].removesuffix(".py") for module in named_in_first_column(heading)}
        for heading in reversed(headings)
    ]
    assert documented == [rooms - {"", "migrations"} for rooms in FLOORS]


def test_every_place_in_the_browser_exists() -> None:
    static = PACKAGE / "static" / "chatkit_gateway"
    places = named_in_first_column("## In the browser")
    assert [place for place in places if not (static / place).exists()] == []


def test_every_module_of_the_portal_has_its_row() -> None:
    portal = ROOT / "pitchguard_site"
    modules = {
        path.relative_to(portal).as_posix()
        for path in portal.rglob("*.py")
        if path.name != "__init__.py"
    }
    assert set(named_in_first_column("## The portal")) == modules


@pytest.mark.parametrize(
    ("file", "test"), sorted(set(PROVING_TEST.findall("".join(DOCS.values()))))
)
def test_proof_exists(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[(.+?)\]", changelog, re.MULTILINE)[1] == "Unreleased"  # type: ignore[index]
