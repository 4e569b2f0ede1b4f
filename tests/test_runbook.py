"""The runbook for a compromised workflow, step by step, with a portal that is restarted."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from textwrap import dedent

from chatkit_gateway.testkit.emulator import Emulator
from tests.portal_process import ROOT, PortalProcess
from tests.visitor import Visitor

RUNBOOK = (ROOT / "docs" / "runbooks" / "rotate-a-workflow.md").read_text(encoding="utf-8")
LATEST = (
    "from chatkit_gateway.models import Issuance;"
    "print(*Issuance.objects.values_list('workflow_id', flat=True))"
)


def portal(folder: Path, emulator: Emulator, workflow: str) -> PortalProcess:
    return PortalProcess(
        folder,
        OPENAI_API_KEY="sk-test",
        CHATKIT_WORKFLOW_ID=workflow,
        CHATKIT_EMULATOR_URL=emulator.url,
    )


def test_a_workflow_is_rotated(tmp_path: Path, chatkit_emulator: Emulator) -> None:
    with (
        portal(tmp_path, chatkit_emulator, "wf_OLD") as before,
        Visitor(before.url) as maya,
    ):
        maya.log_in("maya", before.passwords["maya"])
        assert maya.ask().status_code == 200

    with portal(tmp_path, chatkit_emulator, "wf_NEW") as after:
        dry, real = (
            after.manage(*shlex.split(command)[2:])
            for command in re.findall(r"python manage.py chatkit_revoke --workflow .+", RUNBOOK)
        )
        [confirmation] = re.findall(r"```python\n(.+?) *```", RUNBOOK, re.DOTALL)
        confirmed = after.manage("shell", "-c", dedent(confirmation).replace("maria", "maya"))

    assert dry.endswith("1 client secret is alive.\n")
    assert real == "1 client secret was ended.\n"
    assert "200 works" in confirmed
    old, new = chatkit_emulator.sessions.values()
    assert (old.workflow["id"], old.status) == ("wf_OLD", "cancelled")
    assert (new.workflow["id"], new.status) == ("wf_NEW", "active")
    assert after.manage("shell", "-v", "0", "-c", LATEST).split() == ["wf_NEW", "wf_OLD"]
