"""The code in docs/chatkit-integration.md."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCKS = _FENCE.findall((ROOT / "docs" / "chatkit-integration.md").read_text(encoding="utf-8"))

LANGUAGES = {language for language, _ in _BLOCKS}


def blocks(language: str) -> list[str]:
    """Return the blocks in a language, in the page's order; there is at least one."""
    found = [code for given, code in _BLOCKS if given == language]
    assert found, language
    return found
