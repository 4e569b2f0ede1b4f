"""Client secrets for a workflow that OpenAI hosts. The only importer of the OpenAI SDK."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.version import get_version_tuple

from chatkit_gateway import capacity, conf, errors
from chatkit_gateway.backends import event_loop, hosted_options
from chatkit_gateway.backends.contract import IssuedSecret
from chatkit_gateway.backends.hosted_errors import refusal_for_status
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.core.checks import CheckMessage
    from openai import APIConnectionError, AsyncOpenAI, DefaultAsyncHttpxClient
    from openai.types.beta.chatkit import ChatSession

    from chatkit_gateway.conf import Assistant, Upstream

logger = logging.getLogger(__name__)

OLDEST_SDK = (2, 2)
"""The first release with ``client.beta.chatkit`` (changelog of openai-python, 2.2.0)."""
_OVER = {"cancelled", "expired"}
"""The states of a session whose client secret opens nothing (SDK, ChatSessionStatus)."""
_LATEST_MOMENT = 2**33


class HostedBackend:
    """Makes sessions by ``client.beta.chatkit.sessions`` with the assistant's ``OPTIONS``.

    All calls go through one client per set of credentials, on one event loop per process. The
    SDK's own retries are off, since they repeat a POST after 408, 409, 429 and 5xx.
    """

    mode: ClassVar[str] = "hosted"
    revoked_by_row: ClassVar[bool] = False

    def __init__(self, assistant: Assistant) -> None:
        self.options = assistant.options
        self.workflow_id: str = self.options.get("workflow_id") or ""
        self.base_url: str = self.options.get("base_url") or conf.OPENAI_API
        self._parameters: dict[str, Any] = {}

    def prepare(self, user: AbstractBaseUser) -> None:
        """Refuse what cannot work: missing_api_key, missing_workflow_id, sdk_missing, sdk_too_old.

        Gathers what the session needs to know of the user, which may ask the database.
        """
        self._require_key()
        if not self.workflow_id:
            raise Refusal(errors.MISSING_WORKFLOW_ID)
        if not hosted_options.WORKFLOW_ID.fullmatch(self.workflow_id):
            raise Refusal(
                errors.MISSING_WORKFLOW_ID,
                hint=_("The workflow id is malformed: it must be 'wf_' and letters or digits."),
            )
        require_sdk()
        self._parameters = hosted_options.session_parameters(self.options, user)

    def issue(self) -> IssuedSecret:
        """Create a session; see the error table for how it refuses."""
        limits = conf.gateway().upstream
        with capacity.admit(self.base_url, limits):
            session = self._call(
                lambda client: client.beta.chatkit.sessions.create(**self._parameters)
            )
            return self._issued(session)

    def cancel(self, session_id: str, within: float | None = None) -> str:
        """Cancel a session. Never held back by capacity: ending a secret is worth a call."""
        self._require_key()
        require_sdk()
        session = self._call(lambda client: client.beta.chatkit.sessions.cancel(session_id), within)
        # A proxy's page, or a session that goes on, is no proof that the secret is dead.
        if getattr(session, "status", None) not in _OVER:
            raise Refusal(errors.UPSTREAM_INVALID_RESPONSE)
        return getattr(session, "_request_id", None) or ""

    @classmethod
    def warm_up(cls) -> None:
        """Import the SDK, which takes a second or two."""
        with suppress(ImportError):
            import_module("openai.resources.beta.chatkit.sessions")

    @classmethod
    def check(cls, assistant: Assistant, today: date) -> Sequence[CheckMessage]:
        """Return what is wrong with the options."""
        return list(hosted_options.check(assistant, today))

    def _require_key(self) -> None:
        api_key = self.options.get("api_key")
        if not api_key:
            raise Refusal(errors.MISSING_API_KEY)
        if not hosted_options.API_KEY.fullmatch(api_key):
            raise Refusal(
                errors.MISSING_API_KEY,
                hint=_("The API key holds a blank, a line end or a letter that no key has."),
            )

    def _call(
        self, call: Callable[[AsyncOpenAI], Awaitable[ChatSession]], within: float | None = None
    ) -> ChatSession:
        self.warm_up()
        import openai

        limits = conf.gateway().upstream

        async def on_the_loop() -> ChatSession:
            client = self._client(limits)
            return await _with_one_retry(lambda: call(client))

        try:
            deadline = limits.total if within is None else min(within, limits.total)
            return event_loop.run(on_the_loop, deadline)
        except openai.APIStatusError as error:
            refusal = refusal_for_status(error.status_code, error.response.headers)
        except openai.APIConnectionError as error:
            timed_out = isinstance(error, openai.APITimeoutError) and not _never_connected(error)
            refusal = Refusal(errors.UPSTREAM_TIMEOUT if timed_out else errors.UPSTREAM_UNAVAILABLE)
        except TimeoutError:
            refusal = Refusal(errors.UPSTREAM_TIMEOUT)
        except Exception as error:
            # Whatever else an answer can do to the SDK that reads it. The message may quote it.
            logger.error("the answer could not be read: %s", type(error).__name__)
            refusal = Refusal(errors.UPSTREAM_INVALID_RESPONSE)
        # Raised out here: the SDK's error quotes the request, and must not travel on as context.
        raise refusal

    def _client(self, limits: Upstream) -> AsyncOpenAI:
        options = self.options
        return _client(
            asyncio.get_running_loop(),
            options["api_key"],
            self.base_url,
            options.get("organization"),
            options.get("project"),
            limits,
        )

    def _issued(self, session: ChatSession) -> IssuedSecret:
        # The SDK builds its models without validation, and passes on what is not JSON as a string.
        client_secret = getattr(session, "client_secret", None)
        session_id = getattr(session, "id", None)
        expires_at = getattr(session, "expires_at", None)
        if not (
            isinstance(client_secret, str)
            and client_secret
            and isinstance(session_id, str)
            and session_id
            and type(expires_at) is int
            and 0 < expires_at < _LATEST_MOMENT
        ):
            raise Refusal(errors.UPSTREAM_INVALID_RESPONSE)
        return IssuedSecret(
            client_secret=client_secret,
            session_id=session_id,
            expires_at=expires_at,
            expires_in=hosted_options.lifetime(self.options),
            upstream_request_id=getattr(session, "_request_id", None) or "",
        )


async def _with_one_retry(call: Callable[[], Awaitable[ChatSession]]) -> ChatSession:
    """Repeat the call once if no connection came about: only then did OpenAI surely not hear it."""
    from openai import APIConnectionError

    try:
        return await call()
    except APIConnectionError as error:
        if not _never_connected(error):
            raise
    return await call()


def _never_connected(error: APIConnectionError) -> bool:
    # By name: the SDK moved from httpx to httpx2 with its third release.
    return type(error.__cause__).__name__ in {"ConnectError", "ConnectTimeout"}


@cache
def require_sdk() -> str:
    """Return the version of the SDK; refuse with sdk_missing or sdk_too_old."""
    try:
        installed = version("openai")
    except PackageNotFoundError:
        raise Refusal(errors.SDK_MISSING) from None
    if get_version_tuple(installed) < OLDEST_SDK:
        raise Refusal(errors.SDK_TOO_OLD)
    return installed


def http_client(connect: float, read: float) -> DefaultAsyncHttpxClient:
    """Return a new client as members' sessions are asked for with: the SDK's, with our times."""
    from openai import DefaultAsyncHttpxClient, Timeout

    # A redirect would send the member's session somewhere else than configured.
    return DefaultAsyncHttpxClient(timeout=Timeout(read, connect=connect), follow_redirects=False)


@lru_cache(maxsize=16)
def _client(
    loop: asyncio.AbstractEventLoop,
    api_key: str,
    base_url: str,
    organization: str | None,
    project: str | None,
    limits: Upstream,
) -> AsyncOpenAI:
    """Return the client for these credentials; its connections belong to the loop."""
    from openai import AsyncOpenAI

    http = http_client(limits.connect, limits.read)
    client = AsyncOpenAI(
        api_key=api_key, base_url=base_url, max_retries=0, timeout=http.timeout, http_client=http
    )
    # What the SDK took from the environment is put back to what the site's settings say.
    client.organization, client.project = organization, project
    client.admin_api_key = client.webhook_secret = None
    client._custom_headers = {}
    return client
