"""The floor plan of the package, proved by reading its imports.

Put a new module on the lowest floor that its imports allow; a module on no floor fails here.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "chatkit_gateway"

FLOORS = (
    {
        "",
        "conf",
        "connections",
        "cross_origin",
        "errors",
        "local_time",
        "page_texts",
        "reference",
        "setting_types",
        "signals",
        "waiting",
        "widget_texts",
    },
    {
        "migrations",
        "models",
    },
    {
        "backends",
        "background",
        "bucket_number",
        "buckets",
        "capacity",
        "fingerprints",
        "gate",
        "quotas",
        "selection",
    },
    {
        "audit",
        "digests",
        "doctor",
        "exports",
        "issuance",
        "lapses",
        "reports",
        "retention",
        "revocation",
    },
    {
        "admin",
        "apps",
        "authentication",
        "checks",
        "client_config",
        "cross_origin_checks",
        "endpoint",
        "management",
        "middleware",
        "pages",
        "receivers",
        "session_request",
        "templatetags",
        "urls",
        "views",
    },
)
"""Lowest first: modules of `chatkit_gateway`, a package standing for all that is in it."""
TEST_KIT = "testkit"
"""A house of its own beside the floors."""

SETTINGS_READERS = {
    "conf": "the one reader of settings",
    "models": "Django resolves a foreign key to the user by settings.AUTH_USER_MODEL, at import",
    "migrations": "the same, as Django writes migrations",
}
HEAVY = {"openai", "chatkit", "agents", "aiohttp", "rich"}
"""Packages that take long to import, or that not every site has."""


@dataclass(frozen=True)
class Import:
    """One of our modules imports a dotted name: at the "start", at a "call", or for "types"."""

    importer: str
    imported: str
    when: str


def names() -> dict[str, Path]:
    """Return the file of every module of the package, by its name inside the package."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__"): path
        for path in PACKAGE.rglob("*.py")
    }


MODULES = {name.rstrip("."): path for name, path in names().items()}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def imports_of(name: str) -> Iterator[Import]:
    when = dict.fromkeys(ast.walk(TREES[name]), "start")
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            when.update(dict.fromkeys(ast.walk(node), "call"))
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            when.update(dict.fromkeys((n for body in node.body for n in ast.walk(body)), "types"))
    for node in when:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, when[node])
        elif isinstance(node, ast.ImportFrom):
            source = absolute(name, node)
            for alias in node.names:
                yield Import(name, f"{source}.{alias.name}", when[node])


def absolute(name: str, node: ast.ImportFrom) -> str:
    """Return the full name of what an import is from, which may be relative to the module."""
    if not node.level:
        return node.module or ""
    here = ["chatkit_gateway", *filter(None, name.split("."))]
    if MODULES[name].name == "__init__.py":
        here.append("")
    return ".".join([*here[: -node.level], *filter(None, [node.module])])


IMPORTS = [found for name in MODULES for found in imports_of(name)]


def inside(imported: str) -> str | None:
    """Return the module of ours that holds an imported name; None for what is not ours."""
    top, _, rest = imported.partition(".")
    if top != "chatkit_gateway":
        return None
    while rest not in MODULES:
        rest = rest.rpartition(".")[0]
    return rest


def package(imported: str) -> str:
    return imported.partition(".")[0]


def floor(name: str) -> int | None:
    """Return the number of the floor; None for the test kit, which is on none."""
    room = name.partition(".")[0]
    if room == TEST_KIT:
        return None
    [number] = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    return number


def test_every_module_is_on_one_floor() -> None:
    rooms = [room for floor_rooms in FLOORS for room in floor_rooms]

    assert len(rooms) == len(set(rooms))
    assert {name.partition(".")[0] for name in MODULES} == {*rooms, TEST_KIT}


def test_imports_point_down() -> None:
    upwards = []
    for found in IMPORTS:
        ours = inside(found.imported)
        if ours is None or TEST_KIT in (package(found.importer), package(ours)):
            continue
        above, below = floor(found.importer), floor(ours)
        assert above is not None
        assert below is not None
        if above < below:
            upwards.append(found)

    assert upwards == []


def test_nothing_imports_in_a_circle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in MODULES}
    for found in IMPORTS:
        ours = inside(found.imported)
        # Types may refer to each other; the package itself is empty.
        if ours and ours != found.importer and found.when != "types":
            graph[found.importer].add(ours)

    assert len(list(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_only_its_command_imports_the_test_kit() -> None:
    importers = {
        found.importer
        for found in IMPORTS
        if package(inside(found.imported) or "") == TEST_KIT and package(found.importer) != TEST_KIT
    }

    assert importers == {"management.commands.chatkit_emulator"}


def test_the_test_kit_knows_no_gateway() -> None:
    asked = {
        inside(found.imported) or ""
        for found in IMPORTS
        if package(found.importer) == TEST_KIT and inside(found.imported) is not None
    }

    assert {package(name) for name in asked} == {TEST_KIT}


def test_the_sdk_is_imported_by_the_hosted_backend_when_it_is_needed() -> None:
    sdk = [found for found in IMPORTS if package(found.imported) == "openai"]

    assert {found.importer for found in sdk} == {"backends.hosted"}
    assert "start" not in {found.when for found in sdk}


def test_the_package_does_not_know_the_portal() -> None:
    assert not [
        found for found in IMPORTS if package(found.imported) in {"pitchguard_site", "tests"}
    ]


def test_the_environment_is_not_read() -> None:
    readers = [
        (name, node.lineno)
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.Import) and any(a.name == "environ" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module in {"os", "environ"})
    ]

    assert readers == []


def test_settings_are_read_in_one_place() -> None:
    readers = {
        found.importer.partition(".")[0]
        for found in IMPORTS
        if found.imported.startswith("django.conf.")
    }

    assert readers == set(SETTINGS_READERS)


def test_views_are_kept_out_of_every_databases_transactions() -> None:
    """Django's own decorator keeps them out of one database's, and a router may use another."""
    users = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "non_atomic_requests"
    }

    assert users == {"connections"}


def test_the_models_read_no_setting_but_the_user_model() -> None:
    read = {
        node.attr
        for name, tree in TREES.items()
        if package(name) in {"models", "migrations"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "settings"
    }

    assert read == {"AUTH_USER_MODEL"}


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "misc"])
def test_no_room_is_a_grab_bag(word: str) -> None:
    assert not [name for name in MODULES if word in name.split(".")]


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in (PACKAGE, ROOT / "pitchguard_site", ROOT / "templates")
        for path in folder.rglob("*")
        if path.suffix in {".py", ".js", ".css", ".html"}
        and not {"vendor", "migrations"} & set(path.parts)
        and (lines := len(path.read_text().splitlines())) > 250
    }

    assert long == {}


START = """
import sys
import django
from django.conf import settings
{configure}
django.setup()
from django.core.management import call_command
call_command("check", verbosity=0, fail_level="CRITICAL")
print(",".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
BARE_SITE = """
settings.configure(
    SECRET_KEY="only-for-tests" * 4,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "chatkit_gateway",
    ],
)
"""


@pytest.mark.parametrize(
    ("configure", "environment"),
    [(BARE_SITE, {}), ("", {"DJANGO_SETTINGS_MODULE": "tests.settings"})],
    ids=["a bare site", "the portal"],
)
def test_starting_imports_nothing_heavy(configure: str, environment: dict[str, str]) -> None:
    started = subprocess.run(
        [sys.executable, "-c", START.format(configure=configure)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(started.stdout.strip().split(","))
    assert "chatkit_gateway" in loaded
    assert not loaded & HEAVY
