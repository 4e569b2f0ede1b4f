"""The report as data: what ``--json`` prints. The shape is documented in docs/doctor.md."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Level, worst

VERSION = 1
"""Of the shape: new members may appear under the same number, none disappears or changes."""


def as_data(case: Case) -> dict[str, Any]:
    """Return the report of a finished examination, ready for JSON."""
    return {
        "version": VERSION,
        "examined_at": case.now.isoformat(timespec="seconds"),
        "url": case.address,
        "worst": worst(case.findings).value,
        "counts": counts(case.findings),
        "findings": [_as_data(finding) for finding in case.findings],
    }


def counts(findings: list[Finding]) -> dict[str, int]:
    """Return how many findings there are of each level, the least bad first."""
    found = Counter(finding.level for finding in findings)
    return {level.value: found[level] for level in Level}


def _as_data(finding: Finding) -> dict[str, str]:
    return {
        "id": finding.id,
        "level": finding.level.value,
        "assistant": finding.assistant,
        "title": str(finding.title),
        "found": str(finding.found),
        "to_do": str(finding.to_do),
    }
