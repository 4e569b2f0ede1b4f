"""What the system checks say, each with the symptom by which members meet it."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.checks import ERROR, WARNING, CheckMessage, run_checks
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway import conf
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject

READABLE = Subject("settings.readable", gettext_lazy("CHATKIT_GATEWAY"))
ASSISTANTS = Subject("settings.assistants", gettext_lazy("Assistants"))
CHECKS = Subject("settings.checks", gettext_lazy("System checks"))

_SAID_ELSEWHERE = {
    f"chatkit_gateway.{code}"
    for code in ("W001", "W002", "W003", "W004", "W007", "W008", "W009", "I001", "I002")
}
"""Ids of what the other examinations find by themselves, and in more words."""
_SYMPTOMS = {
    "chatkit_gateway.E005": gettext_lazy(
        "In the browser this is InvalidFrameParamsError: the chat stays blank."
    ),
}


def examine(case: Case) -> Iterator[Finding]:
    """Run the gateway's system checks; the first to be examined, as the rest reads settings."""
    messages = [message for message in run_checks(tags=["chatkit"]) if not message.is_silenced()]
    try:
        assistants = conf.gateway().assistants
    except Exception as error:
        yield READABLE.problem(
            _("It cannot be read (%(type)s), so little else can be examined.")
            % {"type": type(error).__name__},
            _("Repair what the system checks name first, then run the doctor again."),
        )
    else:
        yield from _assistants(len(assistants))
    told = [_told(message) for message in messages if message.id not in _SAID_ELSEWHERE]
    yield from told or [CHECKS.ok(_("They find nothing that is not examined below."))]


def _assistants(count: int) -> Iterator[Finding]:
    if count:
        yield ASSISTANTS.ok(_("Configured: %(count)d.") % {"count": count})
    else:
        yield ASSISTANTS.problem(
            _("None is configured, so there is nothing to chat with."),
            _("Name one in CHATKIT_GATEWAY['ASSISTANTS']; the README has the smallest that works."),
        )


def _told(message: CheckMessage) -> Finding:
    found = f"{message.msg} ({message.id})"
    if symptom := _SYMPTOMS.get(message.id or ""):
        found = f"{found} {symptom}"
    hint = message.hint or ""
    if message.level >= ERROR:
        return CHECKS.problem(found, hint)
    if message.level >= WARNING:
        return CHECKS.warning(found, hint)
    return CHECKS.info(found, hint)
