"""Every refusal: its code, HTTP status, the member's words and the operator's hint.

The codes and statuses are the contract of the session endpoint (docs/errors.md). The words are
what a member reads, so they name no product, key or person; a hint is shown to staff only.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Outcome(TextChoices):
    """How an attempt to get a client secret ended."""

    ISSUED = "issued", _("issued")
    DENIED = "denied", _("denied")
    THROTTLED = "throttled", _("throttled")
    FAILED = "failed", _("failed")


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the error table. ``outcome`` None: logged only, no audit row."""

    code: str
    status: int
    detail: Words
    hint: Words = ""
    outcome: Outcome | None = None


class Refusal(Exception):
    """An attempt ends here. Carries nothing that a log may not show.

    ``retry_after`` is in whole seconds; ``detail`` and ``hint`` replace those of the problem when
    the occasion knows better words; ``upstream_status`` is the HTTP status that an upstream
    answered with, if it did.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        detail: Words = "",
        hint: Words = "",
        retry_after: int | None = None,
        upstream_request_id: str = "",
        upstream_status: int | None = None,
    ) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.detail = detail or problem.detail
        self.hint = hint or problem.hint
        self.retry_after = retry_after
        self.upstream_request_id = upstream_request_id
        self.upstream_status = upstream_status


_TRY_LATER = _("The assistant cannot be reached just now. Please try again in a few minutes.")
_NOT_SET_UP = _(
    "The assistant is not set up correctly. The people who run this site have to repair it; "
    "please give them the reference."
)

NOT_AUTHENTICATED = Problem(
    "not_authenticated", 401, _("Your login has ended. Please log in again.")
)
NOT_A_MEMBER = Problem(
    "not_a_member",
    403,
    _("Your account may not use this assistant. Please ask the people who run this site."),
    _("Give the account the permission 'Can use the ChatKit assistant', directly or by a group."),
    Outcome.DENIED,
)
CSRF_FAILED = Problem(
    "csrf_failed",
    403,
    _("This page is out of date. Please reload it and try again."),
    outcome=Outcome.DENIED,
)
METHOD_NOT_ALLOWED = Problem(
    "method_not_allowed",
    405,
    _("This address only answers POST requests."),
    _("Send POST; a redirect between http and https often turns a POST into a GET."),
)
UNSUPPORTED_MEDIA_TYPE = Problem(
    "unsupported_media_type",
    415,
    _("The request must be sent as JSON."),
    _("Send Content-Type: application/json, or no body at all."),
)
INVALID_REQUEST = Problem(
    "invalid_request",
    400,
    _("The request could not be understood. Please reload the page."),
    _('Send a JSON object such as {"assistant": "default", "refresh": false}, or no body at all.'),
)
REQUEST_TOO_LARGE = Problem(
    "request_too_large",
    413,
    _("The request is too large."),
    _("The body may have 4096 bytes at most."),
)
UNKNOWN_ASSISTANT = Problem(
    "unknown_assistant",
    404,
    _("There is no such assistant on this site."),
    _("The name must be a key of CHATKIT_GATEWAY['ASSISTANTS']."),
    Outcome.DENIED,
)
QUOTA_EXCEEDED = Problem(
    "quota_exceeded",
    429,
    _("You have opened the assistant very often."),
    _("The limit is CHATKIT_GATEWAY['QUOTAS'], or the assistant's own QUOTAS."),
    Outcome.THROTTLED,
)
INVALID_QUOTAS = Problem(
    "invalid_quotas",
    503,
    _NOT_SET_UP,
    _("The callable in QUOTAS failed or returned no limits; the log says how."),
    Outcome.FAILED,
)
ISSUANCE_PAUSED = Problem(
    "issuance_paused",
    503,
    _("The assistant is paused at the moment."),
    _("An admin paused it; resume it in the admin under Pauses."),
    Outcome.DENIED,
)
MISSING_API_KEY = Problem(
    "missing_api_key",
    503,
    _NOT_SET_UP,
    _("No API key is configured: set OPENAI_API_KEY (an empty value counts as missing)."),
    Outcome.FAILED,
)
MISSING_WORKFLOW_ID = Problem(
    "missing_workflow_id",
    503,
    _NOT_SET_UP,
    _("No workflow id is configured: set CHATKIT_WORKFLOW_ID (an empty value counts as missing)."),
    Outcome.FAILED,
)
SDK_MISSING = Problem(
    "sdk_missing",
    501,
    _NOT_SET_UP,
    _("The package 'openai' is not installed: pip install 'openai>=2.2'."),
    Outcome.FAILED,
)
SDK_TOO_OLD = Problem(
    "sdk_too_old",
    501,
    _NOT_SET_UP,
    _("The installed 'openai' is older than 2.2 and has no ChatKit: pip install -U 'openai>=2.2'."),
    Outcome.FAILED,
)
UPSTREAM_REJECTED_KEY = Problem(
    "upstream_rejected_key",
    502,
    _NOT_SET_UP,
    _("OpenAI refused the API key: it is wrong, revoked, or may not use ChatKit in this project."),
    Outcome.FAILED,
)
WORKFLOW_NOT_FOUND = Problem(
    "workflow_not_found",
    502,
    _NOT_SET_UP,
    _(
        "OpenAI does not know this workflow under this API key. Nearly always the key belongs to "
        "another organisation or project than the workflow: make a key in the workflow's project."
    ),
    Outcome.FAILED,
)
UPSTREAM_REJECTED_REQUEST = Problem(
    "upstream_rejected_request",
    502,
    _NOT_SET_UP,
    _(
        "OpenAI refused the request as configured. Check the assistant's options; "
        "a workflow_version of 'latest' is not a version: leave it out."
    ),
    Outcome.FAILED,
)
UPSTREAM_RATE_LIMITED = Problem(
    "upstream_rate_limited",
    503,
    _("The assistant is very busy. Please try again shortly."),
    _("OpenAI answered 429: the organisation's rate limit or budget is used up."),
    Outcome.FAILED,
)
UPSTREAM_UNAVAILABLE = Problem(
    "upstream_unavailable",
    502,
    _TRY_LATER,
    _("OpenAI could not be reached or answered with an error of its own. See status.openai.com."),
    Outcome.FAILED,
)
UPSTREAM_INVALID_RESPONSE = Problem(
    "upstream_invalid_response",
    502,
    _TRY_LATER,
    _("The answer held no client secret: check base_url and any proxy between here and OpenAI."),
    Outcome.FAILED,
)
UPSTREAM_TIMEOUT = Problem(
    "upstream_timeout",
    504,
    _TRY_LATER,
    _("OpenAI did not answer within the times in CHATKIT_GATEWAY['UPSTREAM']."),
    Outcome.FAILED,
)
GATEWAY_BUSY = Problem(
    "gateway_busy",
    503,
    _("Many members are opening the assistant at this moment. Please try again shortly."),
    _("As many calls wait for OpenAI as CHATKIT_GATEWAY['UPSTREAM']['in_flight'] allows."),
    Outcome.THROTTLED,
)
UPSTREAM_PAUSED = Problem(
    "upstream_paused",
    503,
    _TRY_LATER,
    _("OpenAI failed several times in a row, so this process waits before it asks again."),
    Outcome.THROTTLED,
)
AUDIT_UNAVAILABLE = Problem(
    "audit_unavailable",
    503,
    _TRY_LATER,
    _("The database did not accept the audit row, so no secret was given out."),
)

PROBLEMS: dict[str, Problem] = {
    problem.code: problem for problem in list(globals().values()) if isinstance(problem, Problem)
}
"""All of them by code, in the order of the table."""
