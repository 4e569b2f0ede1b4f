"""What a load balancer asks: is the process up, and can it do its work?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.core.checks import ERROR, run_checks
from django.db import Error as DatabaseError
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from chatkit_gateway.models import Issuance

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import Promise

logger = logging.getLogger(__name__)

# Warnings at start-up, since a site may start without them, but members are refused until then.
_NEEDED = {f"chatkit_gateway.W00{number}" for number in (1, 2, 3, 9)}


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200: the process is up. Touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the database answers and the gateway's configuration is complete, else 503.

    What is missing is named in the log, and to staff.
    """
    missing = _missing()
    body: dict[str, object] = {"ready": not missing}
    if missing:
        # A log has one language, whoever asks.
        with override(None):
            logger.warning("not ready: %s", "; ".join(map(str, missing)))
        if _asked_by_staff(request):
            body["missing"] = missing
    return JsonResponse(body, status=503 if missing else 200)


def _missing() -> list[str | Promise]:
    missing: list[str | Promise] = [
        message.msg
        for message in run_checks(tags=["chatkit"])
        if message.level >= ERROR or message.id in _NEEDED
    ]
    try:
        Issuance.objects.exists()
    except DatabaseError:
        missing.append(_("The database does not answer, or is not migrated."))
    return missing


def _asked_by_staff(request: HttpRequest) -> bool:
    try:
        return bool(getattr(request.user, "is_staff", False))
    except DatabaseError:
        return False
