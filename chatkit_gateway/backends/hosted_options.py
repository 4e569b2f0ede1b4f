"""The options of a hosted assistant: their types, their checks, and what they ask OpenAI for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Info, Warning

from chatkit_gateway import conf, fingerprints
from chatkit_gateway.backends.contract import call_or_value
from chatkit_gateway.setting_types import Types, check_keys, check_path

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from chatkit_gateway.conf import Assistant

_TEXT: Types = (str, type(None))
_NUMBER: Types = (int, type(None))
_FEATURE: Types = (bool, Mapping, type(None))
TYPES: dict[str, Types] = {
    "api_key": _TEXT,
    "workflow_id": _TEXT,
    "workflow_version": _TEXT,
    "organization": _TEXT,
    "project": _TEXT,
    "base_url": _TEXT,
    "expires_after": _NUMBER,
    "requests_per_minute": _NUMBER,
    "file_upload": _FEATURE,
    "history": _FEATURE,
    "state_variables": (Mapping, str, type(None)),
}
WORKFLOW_ID = re.compile(r"wf_[A-Za-z0-9_-]{1,200}")
API_KEY = re.compile(r"[!-~]+")
DEFAULT_SECONDS = 600
"""What OpenAI gives a session when ``expires_after`` is left out (SDK, sessions.create)."""
AGENT_BUILDER_ENDS = date(2026, 11, 30)
"""Agent Builder shuts down, and with it every hosted workflow (OpenAI's deprecations page)."""


def lifetime(options: Mapping[str, Any]) -> int:
    """Return how many seconds a client secret lives."""
    return options.get("expires_after") or DEFAULT_SECONDS


def session_parameters(options: Mapping[str, Any], user: AbstractBaseUser) -> dict[str, Any]:
    """Return what OpenAI is asked for when the user wants a session; may ask the database."""
    workflow: dict[str, Any] = {"id": options["workflow_id"]}
    if options.get("workflow_version"):
        workflow["version"] = options["workflow_version"]
    if state_variables := call_or_value(options.get("state_variables"), user):
        workflow["state_variables"] = dict(state_variables)
    parameters: dict[str, Any] = {
        "user": fingerprints.pseudonym(user),
        "workflow": workflow,
        "expires_after": {"anchor": "created_at", "seconds": lifetime(options)},
    }
    if options.get("requests_per_minute"):
        parameters["rate_limits"] = {"max_requests_per_1_minute": options["requests_per_minute"]}
    features = {
        name: dict(value) if isinstance(value, Mapping) else {"enabled": value}
        for name in ("file_upload", "history")
        if (value := options.get(name)) is not None
    }
    if features:
        parameters["chatkit_configuration"] = features
    return parameters


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
    place = f"CHATKIT_GATEWAY['ASSISTANTS'][{assistant.alias!r}]['OPTIONS']"
    yield from check_keys(place, assistant.options, TYPES, positive=True)
    state_variables = assistant.options.get("state_variables")
    if isinstance(state_variables, str):
        yield from check_path(f"{place}['state_variables']", state_variables)


def _check_credentials(assistant: Assistant) -> Iterator[CheckMessage]:
    options = assistant.options
    api_key = options.get("api_key")
    if not api_key:
        yield Warning(
            f"The assistant '{assistant.alias}' has no API key; members will be answered 503.",
            hint="Set OPENAI_API_KEY in the environment or in .env.",
            id="chatkit_gateway.W001",
        )
    elif not API_KEY.fullmatch(str(api_key)):
        yield Warning(
            f"The API key of the assistant '{assistant.alias}' is malformed; members will be "
            "answered 503.",
            hint="It holds a blank, a line end or a letter that no key has: copy it again.",
            id="chatkit_gateway.W009",
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
