"""The frame of every endpoint: who may ask, under which reference, and how a refusal is told."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import Error as DatabaseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from chatkit_gateway import conf, errors, reference
from chatkit_gateway.authentication import LoginSession
from chatkit_gateway.connections import outside_transactions
from chatkit_gateway.errors import Refusal, Words

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


class Endpoint(APIView):
    """A view for logged-in users that answers in JSON and refuses by the error table.

    Takes nothing from the site's REST_FRAMEWORK settings, so that it works the same everywhere.
    """

    authentication_classes = [LoginSession]
    permission_classes = []
    parser_classes = []
    versioning_class = None
    throttle_classes = []
    renderer_classes = [JSONRenderer]
    content_negotiation_class = JSONOnly

    method_words: ClassVar[tuple[Words, Words]] = ("", "")
    """What a member and what staff read when the method is wrong; empty: the table's words."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> AsView[GenericView]:
        """Return the view; an audit row has to be committed before an answer leaves."""
        return outside_transactions(super().as_view(**initkwargs))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve the request under one reference; no answer of an endpoint may be cached."""
        with reference.of_request():
            response = super().dispatch(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check method, login, CSRF token and origin, in this order."""
        if (request.method or "").lower() not in self.http_method_names:
            detail, hint = self.method_words
            raise Refusal(errors.METHOD_NOT_ALLOWED, detail=detail, hint=hint)
        super().initial(request, *args, **kwargs)
        # None where the site says that nobody is None.
        if request.user is None or not request.user.is_authenticated:
            raise Refusal(errors.NOT_AUTHENTICATED)

    def handle_exception(self, exc: Exception) -> Response:
        """Turn a refusal, or a database that fails us, into a row of the error table."""
        if isinstance(exc, DatabaseError):
            logger.error("the database failed", exc_info=exc)
            exc = Refusal(errors.AUDIT_UNAVAILABLE)
        if not isinstance(exc, Refusal):
            return super().handle_exception(exc)
        return self._refuse(exc)

    def _asked_by_staff(self) -> bool:
        try:
            return bool(getattr(self.request._request.user, "is_staff", False))
        except DatabaseError:
            # The login itself could not be read; tell nobody more than a member may know.
            return False

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
