"""What the React client is made of: exact versions, from no particular registry."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLIENT = ROOT / "examples" / "react-client"
PACKAGE = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
LOCK = (CLIENT / "package-lock.json").read_text(encoding="utf-8")


def test_versions_are_exact_and_those_of_the_lock() -> None:
    wanted = PACKAGE["dependencies"] | PACKAGE["devDependencies"]
    locked = json.loads(LOCK)["packages"]
    assert wanted == {name: locked[f"node_modules/{name}"]["version"] for name in wanted}


def test_the_widget_it_is_typed_for_is_the_one_our_own_is_held_to() -> None:
    ours = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    theirs = PACKAGE["dependencies"] | PACKAGE["devDependencies"]
    both = ours.keys() & theirs.keys()
    assert {"@openai/chatkit-react", "react", "react-dom", "typescript"} <= both
    assert {name: ours[name] for name in both} == {name: theirs[name] for name in both}


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in LOCK
    options = (CLIENT / ".npmrc").read_text(encoding="utf-8").splitlines()
    assert "omit-lockfile-registry-resolved=true" in options


def test_its_variables_are_explained() -> None:
    sources = [CLIENT / "vite.config.ts", *(CLIENT / "src").iterdir(), CLIENT / "index.html"]
    text = "".join(source.read_text(encoding="utf-8") for source in sources)
    used = set(re.findall(r"\bVITE_[A-Z_]+|(?<=env\.)[A-Z_]+", text))
    manual = (CLIENT / "README.md").read_text(encoding="utf-8")
    assert used == set(re.findall(r"^\| `([A-Z_]+)` \|", manual, re.MULTILINE))
