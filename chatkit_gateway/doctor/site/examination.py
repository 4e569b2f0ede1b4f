"""The site at its public address, one look after the other."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway.doctor import showing
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.site import (
    cookies,
    cross_origin,
    endpoint,
    members_page,
    reach,
    static_files,
)
from chatkit_gateway.doctor.site.visits import visit
from chatkit_gateway.doctor.wire import Lost

VISIT = Subject("site.visit", gettext_lazy("The site from outside"))


def examine(case: Case) -> Iterator[Finding]:
    """Visit the public address, if one was given, and judge all that a browser would meet."""
    if case.address is None:
        yield VISIT.info(
            _("Not visited: HTTPS, cookies, CSRF, CORS and policy at the public address."),
            _("Give the address of the assistant's page: chatkit_doctor --url https://…"),
        )
        return
    first = visit(case, case.address)
    if isinstance(first.result, Lost):
        yield reach.lost(first, first.result)
        return
    yield from reach.answered(first, first.result, case.now)
    if first.is_endless:
        return
    # Where plain HTTP led to HTTPS, that is where members are.
    page = showing.origin(first.url) + (urlsplit(case.address).path or "/")
    yield from cookies.examine(first.answers, page)
    yield from endpoint.examine(case, page)
    yield from cross_origin.examine(case, page)
    yield from static_files.examine(case, page)
    yield from members_page.examine(case, page)
