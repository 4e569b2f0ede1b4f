"""Are the gateway's scripts served at the public address?"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chatkit_gateway.doctor import showing, wire
from chatkit_gateway.doctor.case import Case
from chatkit_gateway.doctor.findings import Finding, Subject
from chatkit_gateway.doctor.wire import Answer

STATIC = Subject("site.static", gettext_lazy("Static files, served"))


def examine(case: Case, page: str) -> Iterator[Finding]:
    """Load the page's module, which browsers only run as JavaScript."""
    url = urljoin(page, static("chatkit_gateway/page.js"))
    details = {"url": showing.address(url)}
    result = wire.exchange(wire.Request("GET", url), case.budget.step())
    if isinstance(result, Answer) and result.status == 200 and "javascript" in result.media_type:
        yield STATIC.ok(_("%(url)s is served as JavaScript.") % details)
        return
    yield STATIC.problem(
        _("%(url)s is not served as JavaScript, so nothing happens on the assistant's page.")
        % details,
        _("Run collectstatic and have STATIC_ROOT served at STATIC_URL, or let the site serve it."),
    )
