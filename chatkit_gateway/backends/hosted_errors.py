"""From what OpenAI answered to a row of the error table. Knows HTTP, not the SDK."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django.utils.translation import gettext_lazy as _

from chatkit_gateway import conf, errors
from chatkit_gateway.errors import Problem, Refusal, Words

_BY_STATUS: dict[int, Problem] = {
    401: errors.UPSTREAM_REJECTED_KEY,
    403: errors.UPSTREAM_REJECTED_KEY,
    404: errors.WORKFLOW_NOT_FOUND,
    429: errors.UPSTREAM_RATE_LIMITED,
}
_ABOUT_THE_KEY = {errors.UPSTREAM_REJECTED_KEY.code, errors.WORKFLOW_NOT_FOUND.code}
_SHADOWED = "environment shadows .env"


def refusal_for_status(status: int, headers: Mapping[str, str]) -> Refusal:
    """Return the refusal for an answer that is no success (3xx to 5xx)."""
    if status in _BY_STATUS:
        problem = _BY_STATUS[status]
    elif status >= 500:
        problem = errors.UPSTREAM_UNAVAILABLE
    elif status >= 400:
        problem = errors.UPSTREAM_REJECTED_REQUEST
    else:
        problem = errors.UPSTREAM_INVALID_RESPONSE
    return Refusal(
        problem,
        hint=_hint(problem),
        retry_after=_retry_after(headers) if status == 429 else None,
        upstream_request_id=headers.get("x-request-id", "")[:255],
        upstream_status=status,
    )


def _hint(problem: Problem) -> Words:
    shadowed = conf.gateway().origins.get("api_key") == _SHADOWED
    if shadowed and problem.code in _ABOUT_THE_KEY:
        return _(
            "%(hint)s The API key comes from an environment variable that hides the one in .env: "
            "unset OPENAI_API_KEY in the shell if the one in .env is right."
        ) % {"hint": problem.hint}
    return problem.hint


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Return the seconds of Retry-After (RFC 9110, 10.2.3: number or date); None without one."""
    given = headers.get("retry-after", "")
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(1, math.ceil(seconds)), 86_400) if math.isfinite(seconds) else None
