"""The session endpoint as an async view: the same steps, the same code for each of them.

What touches the database runs by ``sync_to_async`` before and after the call, which is awaited on
the server's own loop. Kept to repeat the measurement that the choice of the sync view rests on.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import CSRFCheck

from chatkit_gateway import audit, capacity, conf, fingerprints, issuance, reference
from chatkit_gateway.backends import contract, hosted
from chatkit_gateway.connections import release_connections

_clients: dict[int, Any] = {}


def _before(request: HttpRequest) -> tuple[Any, ...]:
    check = CSRFCheck(lambda _request: None)
    check.process_request(request)
    assert request.user.is_authenticated
    assert check.process_view(request, None, (), {}) is None
    attempt = audit.Attempt(
        member=request.user,
        reference=reference.current(),
        login_id=fingerprints.login_id(request.session),
        assistant="default",
    )
    assistant = issuance._authorise(attempt)
    backend = contract.load(assistant)
    issuance._refuse_if_paused(assistant)
    backend.prepare(attempt.member)
    taken = issuance._take_quota(attempt, assistant)
    release_connections()
    return attempt, backend, taken


@csrf_exempt
@transaction.non_atomic_requests
async def create_session(request: HttpRequest) -> JsonResponse:
    """Answer as `chatkit_gateway.views.SessionView` does."""
    attempt, backend, _taken = await sync_to_async(_before)(request)
    loop = id(asyncio.get_running_loop())
    if loop not in _clients:
        _clients[loop] = hosted._client.__wrapped__(
            asyncio.get_running_loop(),
            backend.options["api_key"],
            backend.base_url,
            None,
            None,
            3.0,
            8.0,
        )
    with capacity.admit(backend.base_url, conf.gateway().upstream):
        async with asyncio.timeout(12):
            session = await _clients[loop].beta.chatkit.sessions.create(**backend._parameters)
            issued = backend._issued(session)
    await sync_to_async(audit.record_issued)(attempt, issued)
    return JsonResponse(asdict(issued))
