"""The options of a hosted assistant: their types, and what `manage.py check` says about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error, Info, Warning
from django.utils.module_loading import import_string

from chatkit_gateway import conf

if TYPE_CHECKING:
    from chatkit_gateway.conf import Assistant

TYPES: dict[str, tuple[type, ...]] = {
    "api_key": (str,),
    "workflow_id": (str,),
    "workflow_version": (str,),
    "organization": (str,),
    "project": (str,),
    "base_url": (str,),
    "expires_after": (int,),
    "requests_per_minute": (int,),
    "file_upload": (bool, Mapping),
    "history": (bool, Mapping),
    "state_variables": (Mapping, str),
}
WORKFLOW_ID = re.compile(r"wf_[A-Za-z0-9_-]{1,200}")
API_KEY = re.compile(r"[!-~]+")
AGENT_BUILDER_ENDS = date(2026, 11, 30)
"""Agent Builder shuts down, and with it every hosted workflow (OpenAI's deprecations page)."""


def check(assistant: Assistant, today: date) -> Iterator[CheckMessage]:
    """Yield what is wrong with the options; ``today`` decides how loud the end of hosting is."""
    yield from _check_types(assistant)
    yield from _check_credentials(assistant)
    yield from _check_end(assistant, today)
    if conf.script_url("hosted").endswith(conf.OWN_SCRIPT):
        yield Warning(
            f"The hosted assistant '{assistant.alias}' is shown with the gateway's own widget.",
            hint="A hosted conversation is private to OpenAI's script: leave SCRIPT_URL None.",
            id="chatkit_gateway.W008",
        )


def _check_types(assistant: Assistant) -> Iterator[CheckMessage]:
    place = f"CHATKIT_GATEWAY['ASSISTANTS']['{assistant.alias}']['OPTIONS']"
    for name, value in assistant.options.items():
        if name not in TYPES:
            yield Error(
                f"{place} has the unknown key '{name}'.",
                hint=f"The keys are {', '.join(TYPES)}.",
                id="chatkit_gateway.E001",
            )
        elif value is not None and not _fits(value, TYPES[name]):
            expected = " or ".join(kind.__name__ for kind in TYPES[name])
            yield Error(
                f"{place}['{name}'] must be {expected}, not {type(value).__name__}.",
                hint="See docs/settings.md.",
                id="chatkit_gateway.E003",
            )
    state_variables = assistant.options.get("state_variables")
    if isinstance(state_variables, str):
        try:
            import_string(state_variables)
        except ImportError:
            yield Error(
                f"{place}['state_variables'] names '{state_variables}', which cannot be imported.",
                hint="Give a dict, or the dotted path of a callable that takes the user.",
                id="chatkit_gateway.E004",
            )


def _fits(value: Any, kinds: tuple[type, ...]) -> bool:
    if int in kinds:
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    return isinstance(value, kinds)


def _check_credentials(assistant: Assistant) -> Iterator[CheckMessage]:
    options = assistant.options
    if not options.get("api_key"):
        yield Warning(
            f"The assistant '{assistant.alias}' has no API key; members will be answered 503.",
            hint="Set OPENAI_API_KEY in the environment or in .env.",
            id="chatkit_gateway.W001",
        )
    workflow_id = options.get("workflow_id")
    if not workflow_id:
        yield Warning(
            f"The assistant '{assistant.alias}' has no workflow id; members will be answered 503.",
            hint="Set CHATKIT_WORKFLOW_ID in the environment or in .env.",
            id="chatkit_gateway.W002",
        )
    elif not WORKFLOW_ID.fullmatch(str(workflow_id)):
        yield Warning(
            f"The workflow id of the assistant '{assistant.alias}' is malformed; members will be "
            "answered 503.",
            hint="A workflow id is 'wf_' and up to 200 letters, digits, '_' or '-'.",
            id="chatkit_gateway.W003",
        )
    if options.get("workflow_version") == "latest":
        yield Warning(
            f"The assistant '{assistant.alias}' asks for the workflow version 'latest'.",
            hint="There is no such version. Leave it out to get the latest deployed one.",
            id="chatkit_gateway.W004",
        )


def _check_end(assistant: Assistant, today: date) -> Iterator[CheckMessage]:
    days = (AGENT_BUILDER_ENDS - today).days
    if days >= 0:
        yield Info(
            f"The assistant '{assistant.alias}' uses a hosted workflow, which OpenAI ends on "
            f"{AGENT_BUILDER_ENDS} with Agent Builder: {days} days left.",
            hint="Plan the move to a self-hosted assistant.",
            id="chatkit_gateway.I001",
        )
    else:
        yield Warning(
            f"The assistant '{assistant.alias}' uses a hosted workflow; OpenAI ended those on "
            f"{AGENT_BUILDER_ENDS} with Agent Builder.",
            hint="Move to a self-hosted assistant.",
            id="chatkit_gateway.W007",
        )
