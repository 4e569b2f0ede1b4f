"""The endpoints: parse, call the use case, map errors, answer."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.base import UpdateError
from django.db import Error as DatabaseError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from chatkit_gateway import (
    audit,
    authentication,
    client_config,
    conf,
    errors,
    fingerprints,
    gate,
    issuance,
    reference,
    session_request,
)
from chatkit_gateway.endpoint import Endpoint
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from rest_framework.request import Request

logger = logging.getLogger(__name__)


class SessionView(Endpoint):
    """``POST``: a fresh client secret for the logged-in member. docs/errors.md has the refusals."""

    http_method_names = ["post"]

    def post(self, request: Request) -> Response:
        """Issue a client secret."""
        wish = session_request.parse(request._request)
        attempt = self._attempt(request)
        attempt.assistant, attempt.refresh = wish.assistant, wish.refresh
        return Response(asdict(issuance.issue(attempt)))

    def handle_exception(self, exc: Exception) -> Response:
        """Record who came with a wrong CSRF token or origin; the rest has been recorded."""
        if isinstance(exc, Refusal) and exc.problem is errors.CSRF_FAILED:
            exc = self._audited(exc)
        return super().handle_exception(exc)

    def _audited(self, refusal: Refusal) -> Refusal | DatabaseError:
        try:
            audit.record_refusal(self._attempt(self.request), refusal)
        except (Refusal, DatabaseError) as unavailable:
            return unavailable
        return refusal

    def _attempt(self, request: Request) -> audit.Attempt:
        django_request = request._request
        try:
            login_id = fingerprints.login_id(django_request.session)
        except UpdateError:
            # Somebody logged this session out while the request was on its way.
            raise Refusal(errors.NOT_AUTHENTICATED) from None
        return audit.Attempt(
            member=django_request.user,  # type: ignore[arg-type]
            reference=reference.current(),
            ip_address=session_request.client_address(django_request),
            user_agent=django_request.headers.get("User-Agent", ""),
            origin=django_request.headers.get("Origin", ""),
            login_id=login_id,
        )


class ConfigView(Endpoint):
    """``GET``: what a front end of its own is told about an assistant, in absolute addresses.

    The same gate as for a client secret, but nothing is issued, so nothing is audited or counted.
    """

    http_method_names = ["get", "head"]
    method_words = (_("This address only answers GET requests."), _("Send GET."))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the origin after the login: the answer holds a CSRF token."""
        super().initial(request, *args, **kwargs)
        authentication.require_trusted_origin(request._request)

    def get(self, request: Request) -> Response:
        """Describe the assistant that ``?assistant=`` names."""
        django_request = request._request
        alias = django_request.GET.get("assistant", session_request.DEFAULT_ASSISTANT)
        assistant = gate.admit(django_request.user, alias)
        logger.info("a front end is being told of assistant %s", assistant.alias)
        return Response(self._absolute(client_config.of(django_request, assistant)))

    def _absolute(self, config: dict[str, Any]) -> dict[str, Any]:
        """Add the addresses, and make each work from another origin."""
        # The prefix that was asked is the one that the front end, or its proxy, can reach.
        prefix = self.request.resolver_match.namespace  # type: ignore[union-attr]
        addresses = {
            "endpoint": reverse(f"{prefix}:session"),
            "login_url": conf.login_path(),
            "script_url": config["script_url"],
        }
        absolute = self.request.build_absolute_uri
        return config | {name: absolute(address) for name, address in addresses.items()}
