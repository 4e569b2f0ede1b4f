"""The report as tables for a terminal."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from chatkit_gateway.doctor.findings import Finding, Level
from chatkit_gateway.doctor.report import counts

if TYPE_CHECKING:
    from rich.table import Table

    from chatkit_gateway.doctor.examination import Area

_STYLES = {
    Level.OK: "green",
    Level.INFO: "cyan",
    Level.WARNING: "yellow",
    Level.PROBLEM: "bold red",
}
_WIDTH_WITHOUT_TERMINAL = 110


@dataclass(frozen=True, slots=True)
class Look:
    """What the terminal can show."""

    colour: bool
    width: int | None
    """Columns; None: it is a file, or a pipe."""
    names_assistants: bool
    """Whether findings say whose they are; of a single assistant nobody needs to be told."""


def of_area(area: Area, findings: list[Finding], look: Look) -> str:
    """Return what was checked in an area, what was found, and what to do; aligned with `head`."""
    from rich.rule import Rule
    from rich.text import Text

    table = _table()
    for finding in findings:
        # Text, never markup: a bracket in a finding is a bracket.
        table.add_row(
            Text(str(finding.level.label), style=_STYLES[finding.level]),
            Text(_title(finding, look)),
            Text(str(finding.found)),
            Text(str(finding.to_do)),
        )
    title = Rule(Text(str(area.title), style="bold"), align="left", style="dim")
    return _printed(title, look) + _printed(table, look)


def head(look: Look) -> str:
    """Return the headings above all areas."""
    table = _table()
    table.add_row("", _("Checked"), _("Found"), _("What to do"), style="bold")
    return _printed(table, look)


def _table() -> Table:
    """Return a table without rows, whose columns are as wide in every area."""
    from rich.table import Table

    table = Table(box=None, show_header=False, expand=True, pad_edge=False)
    level_width = max(len(str(level.label)) for level in Level)
    table.add_column(min_width=level_width, max_width=level_width)
    for ratio in (4, 6, 7):
        table.add_column(ratio=ratio, overflow="fold")
    return table


def summary(findings: list[Finding], look: Look) -> str:
    """Return how many findings there are of each level."""
    from rich.text import Text

    line = Text()
    for level, count in counts(findings).items():
        if line:
            line.append(", ")
        line.append(f"{count} {Level(level).label}", style=_STYLES[Level(level)] if count else "")
    return _printed(line, look)


def _title(finding: Finding, look: Look) -> str:
    if finding.assistant and look.names_assistants:
        return f"{finding.assistant}: {finding.title}"
    return str(finding.title)


def _printed(what: object, look: Look) -> str:
    from rich.console import Console

    console = Console(
        file=io.StringIO(),
        force_terminal=look.colour,
        no_color=not look.colour,
        width=look.width or _WIDTH_WITHOUT_TERMINAL,
    )
    with console.capture() as capture:
        console.print(what)
    return capture.get()
