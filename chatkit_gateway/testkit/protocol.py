"""Which requests of the ChatKit protocol the emulator understands, and their shapes."""

from __future__ import annotations

from typing import Any

from .api_errors import ApiError
from .schema import Check, anything, array, integer, one_of, record, string

_ID = {"thread_id": string()}
_PAGING: dict[str, Check] = {
    "limit": integer(1),
    "order": one_of("asc", "desc"),
    "after": string(),
}
_CONTENT = record(
    {"type": one_of("input_text", "input_tag"), "text": string(empty=True)},
    {"id": string(), "data": anything, "group": string(), "interactive": anything},
)
_INPUT = record(
    {
        "content": array(_CONTENT),
        "attachments": array(string(), at_most=0),
        "inference_options": record(
            {}, {"model": string(), "tool_choice": record({"id": string()})}
        ),
    },
    {"quoted_text": string(empty=True)},
)

_PARAMS: dict[str, Check] = {
    "threads.create": record({"input": _INPUT}),
    "threads.add_user_message": record(_ID | {"input": _INPUT}),
    "threads.retry_after_item": record(_ID | {"item_id": string()}),
    "threads.list": record({}, _PAGING),
    "threads.get_by_id": record(_ID),
    "threads.update": record(_ID | {"title": string()}),
    "threads.delete": record(_ID),
    "items.list": record(_ID, _PAGING),
    "items.feedback": record(
        _ID | {"item_ids": array(string()), "kind": one_of("positive", "negative")}
    ),
}


def check_request(body: Any) -> tuple[str, dict[str, Any]]:
    """The type and the parameters of a well-formed request."""
    record({"type": string(), "params": anything}, {"metadata": anything})("", body)
    kind = body["type"]
    if kind not in _PARAMS:
        known = ", ".join(_PARAMS)
        message = f"The emulator does not answer '{kind}'. It answers: {known}."
        raise ApiError(400, message, param="type", code="unsupported_type")
    params: dict[str, Any] = body["params"]
    _PARAMS[kind]("params", params)
    return kind, params
