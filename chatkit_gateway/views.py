"""The session endpoint: parse, call the use case, map errors, answer."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.contrib.sessions.backends.base import UpdateError
from django.db import Error as DatabaseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from chatkit_gateway import (
    audit,
    conf,
    errors,
    fingerprints,
    issuance,
    reference,
    session_request,
)
from chatkit_gateway.authentication import LoginSession
from chatkit_gateway.connections import outside_transactions
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request
    from rest_framework.views import AsView, GenericView

logger = logging.getLogger(__name__)


class JSONOnly(BaseContentNegotiation):
    """Answer in JSON, whatever the caller says it accepts."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


class SessionView(APIView):
    """``POST``: a fresh client secret for the logged-in member (docs/errors.md has the refusals).

    Takes nothing from the site's REST_FRAMEWORK settings, so that it works the same everywhere.
    """

    http_method_names = ["post"]
    authentication_classes = [LoginSession]
    permission_classes = []
    parser_classes = []
    versioning_class = None
    throttle_classes = []
    renderer_classes = [JSONRenderer]
    content_negotiation_class = JSONOnly

    @classmethod
    def as_view(cls, **initkwargs: Any) -> AsView[GenericView]:
        """Return the view; its audit row has to be committed before the answer leaves."""
        return outside_transactions(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve the request under one reference; no answer of this view may be cached."""
        with reference.of_request():
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check method, login, CSRF token and origin, in this order."""
        if request.method != "POST":
            raise Refusal(errors.METHOD_NOT_ALLOWED)
        super().initial(request, *args, **kwargs)
        # None where the site says that nobody is None.
        if request.user is None or not request.user.is_authenticated:
            raise Refusal(errors.NOT_AUTHENTICATED)

    def post(self, request: Request) -> Response:
        """Issue a client secret."""
        wish = session_request.parse(request._request)
        attempt = self._attempt(request)
        attempt.assistant, attempt.refresh = wish.assistant, wish.refresh
        return Response(asdict(issuance.issue(attempt)))

    def handle_exception(self, exc: Exception) -> Response:
        """Turn a refusal, or a database that fails us, into a row of the error table."""
        if isinstance(exc, Refusal) and exc.problem is errors.CSRF_FAILED:
            exc = self._audited(exc)
        if isinstance(exc, DatabaseError):
            logger.error("the database failed", exc_info=exc)
            exc = Refusal(errors.AUDIT_UNAVAILABLE)
        if not isinstance(exc, Refusal):
            return super().handle_exception(exc)
        return self._refuse(exc)

    def _audited(self, refusal: Refusal) -> Refusal | DatabaseError:
        try:
            audit.record_refusal(self._attempt(self.request), refusal)
        except (Refusal, DatabaseError) as unavailable:
            return unavailable
        return refusal

    def _asked_by_staff(self) -> bool:
        try:
            return bool(getattr(self.request._request.user, "is_staff", False))
        except DatabaseError:
            # The login itself could not be read; tell nobody more than a member may know.
            return False

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

    def _refuse(self, refusal: Refusal) -> Response:
        problem = refusal.problem
        body: dict[str, Any] = {
            "detail": refusal.detail,
            "code": problem.code,
            "reference": reference.current(),
        }
        headers: dict[str, str] = {}
        if problem is errors.NOT_AUTHENTICATED:
            body["login_url"] = self.request.build_absolute_uri(conf.login_path())
            headers["WWW-Authenticate"] = "Session"
        elif self._asked_by_staff():
            body["hint"] = refusal.hint
        if refusal.retry_after is not None:
            body["retry_after"] = refusal.retry_after
            headers["Retry-After"] = str(refusal.retry_after)
        logger.info("answered %s %s", problem.status, problem.code)
        return Response(body, status=problem.status, headers=headers)
