"""Who asks: Django's own login session, with its CSRF protection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import CSRFCheck, SessionAuthentication

from chatkit_gateway import conf, errors
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from rest_framework.request import Request


class LoginSession(SessionAuthentication):
    """DRF's session authentication, refusing in the words of the error table.

    Raises `Refusal` csrf_failed when the token or the origin of a logged-in request is wrong.
    """

    def enforce_csrf(self, request: Request) -> None:
        """Check token and origin as Django's middleware does; the token counts in its header."""
        django_request = request._request
        # Else the check would parse a form of any size and shape in search of the token.
        django_request._mark_post_parse_error()  # type: ignore[attr-defined]
        check = CSRFCheck(_no_response)
        check.process_request(django_request)
        reason = check.process_view(django_request, None, (), {})  # type: ignore[arg-type]
        if reason:
            raise _csrf_failed(reason)


def require_trusted_origin(request: HttpRequest) -> None:
    """Refuse a page of another origin unless CSRF protection trusts it, whatever CORS says.

    For answers that hold a CSRF token: Django itself asks where a request comes from only when it
    changes something. Raises `Refusal` csrf_failed.
    """
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.get_host()}"
    if origin and origin != own and not conf.cross_origin_sites().trusts(origin):
        raise _csrf_failed(f"Origin checking failed - {origin} does not match any trusted origins.")


def _csrf_failed(reason: object) -> Refusal:
    return Refusal(
        errors.CSRF_FAILED,
        hint=_(
            "%(reason)s A front end on another origin must be listed in both "
            "CORS_ALLOWED_ORIGINS and CSRF_TRUSTED_ORIGINS."
        )
        % {"reason": reason},
    )


def _no_response(request: HttpRequest) -> HttpResponse:
    raise AssertionError("the check only looks at the request")
