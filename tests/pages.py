"""What a page of the documentation tells its reader to write and to run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
SHELL = "python manage.py shell"

_STEP = re.compile(r"((?:^[^\n]+\n)+)\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"[\w/]+\.(?:py|html)")


@dataclass(frozen=True)
class Step:
    """One block of code, and where the paragraph above it says that it belongs.

    ``where`` is a file of the reader's project, `SHELL`, or empty for command lines.
    """

    where: str
    code: str

    def commands(self) -> list[list[str]]:
        """Return the arguments of the management commands among the command lines."""
        lines = [line.split() for line in self.code.splitlines()]
        return [line[2:] for line in lines if line[:2] == ["python", "manage.py"]]


def section(text: str, heading: str) -> str:
    """Return what stands under a heading, down to the next of its level or above."""
    level = len(heading.partition(" ")[0])
    lines: list[str] | None = None
    fenced = False
    for line in text.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if not fenced and re.match(rf"#{{1,{level}}} ", line):
            if lines is not None:
                break
            if line.rstrip() == heading:
                lines = []
        elif lines is not None:
            lines.append(line)
    assert lines is not None, heading
    return "".join(lines)


def steps(page: Path, heading: str) -> list[Step]:
    """Return the blocks under a heading of a page, in their order."""
    text = section(page.read_text(encoding="utf-8"), heading)
    return [Step(_where(words), code) for words, code in _STEP.findall(text)]


def _where(words: str) -> str:
    """Return the last file, or the shell, that the words above a block name."""
    named = _CODE.findall(words.replace("\n", " "))
    places = [code for code in named if code == SHELL or _FILE.fullmatch(code)]
    return places[-1] if places else ""
