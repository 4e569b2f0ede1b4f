"""What holds for every page of the portal, found by walking its addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from django.utils import timezone

from chatkit_gateway import conf
from chatkit_gateway.models import Cause, Issuance, Pause, Revocation

pytestmark = pytest.mark.database

PUBLIC = {
    "login": "this is where one logs in",
    "logout": "ends a login, and there is nothing to end without one",
    "password_reset": "for those who cannot log in",
    "password_reset_done": "says the same to everybody",
    "password_reset_confirm": "guarded by the token in the mail",
    "password_reset_complete": "says the same to everybody",
    "healthz": "a load balancer asks; tells that the process is up",
    "readyz": "a load balancer asks; what is missing is told to staff only",
    "admin:logout": "as logout",
    "admin:login": "this is where staff log in",
}
"""Views that anybody may ask, and why. Every other view wants a login first."""

CDN = conf.OPENAI_SCRIPT.partition("/deployments")[0]
PAGES = (
    "/",
    "/assistant/",
    "/accounts/password_change/",
    "/accounts/password_change/done/",
    "/accounts/password_reset/",
    "/accounts/password_reset/done/",
    "/accounts/reset/MQ/no-token/",
    "/accounts/reset/done/",
    "/nowhere/",
    "/admin/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/chatkit_gateway/issuance/",
    "/admin/chatkit_gateway/issuance/usage/",
    "/admin/chatkit_gateway/issuance/doctor/",
    "/admin/chatkit_gateway/issuance/{issuance}/change/",
    "/admin/chatkit_gateway/issuance/{issuance}/history/",
    "/admin/chatkit_gateway/issuance/add/",
    "/admin/chatkit_gateway/issuance/lookup/",
    "/admin/chatkit_gateway/revocation/",
    "/admin/chatkit_gateway/revocation/{revocation}/change/",
    "/admin/chatkit_gateway/revocation/add/",
    "/admin/chatkit_gateway/revocation/add/?by=everything",
    "/admin/chatkit_gateway/pause/",
    "/admin/chatkit_gateway/pause/add/",
    "/admin/chatkit_gateway/pause/{pause}/change/",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), payment=(), usb=()",
}


def addresses(
    resolver: URLResolver | None = None, prefix: str = "/", namespace: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield the name of every view, or its route, and an address that leads to it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + example(pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, route, inner)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}", route


def example(pattern: URLPattern | URLResolver) -> str:
    """Return something that the pattern matches."""
    text = str(pattern.pattern)
    if isinstance(pattern.pattern, RegexPattern):
        text = re.sub(r"\(\?P<\w+>(\w+|\.\*)[^)]*\)", r"\1", text)
        return text.replace(".*", "anything").replace("/?$", "").strip("^$")
    return re.sub(r"<[^>]+>", "1", text)


@pytest.fixture
def address(member: User, request: pytest.FixtureRequest) -> str:
    """An address out of PAGES, with rows behind it."""
    issuance = Issuance.objects.create(
        member=member,
        username="maria",
        assistant="default",
        outcome="issued",
        status=200,
        expires_at=timezone.now() + timedelta(minutes=10),
    )
    revocation = Revocation.objects.create(issuance=issuance, cause=Cause.LOGOUT, ended=False)
    pause = Pause.objects.create(reason="Elections.", paused_by="ada", paused_at=timezone.now())
    return str(request.param).format(issuance=issuance.pk, revocation=revocation.pk, pause=pause.pk)


every_page = pytest.mark.parametrize("address", PAGES, indirect=True)


@pytest.fixture
def shown(client: Client, superuser: User, address: str) -> HttpResponse:
    """The page as an admin sees it, who sees most."""
    client.force_login(superuser)
    response: HttpResponse = client.get(address, follow=True)
    assert response.status_code < 500
    return response


def test_every_view_wants_a_login_or_has_a_reason_not_to(client: Client, db: None) -> None:
    found = dict(addresses())
    assert len(found) > 30
    assert set(found) >= set(PUBLIC)
    for name, address in found.items():
        answers = {method: getattr(client, method)(address) for method in ("get", "post")}
        guarded = {method for method, answer in answers.items() if wants_a_login(answer)}
        if name in PUBLIC:
            assert not guarded, name
        else:
            assert guarded, name
            refused = {answers[method].status_code for method in {"get", "post"} - guarded}
            assert refused <= {405}, name


def wants_a_login(answer: HttpResponse) -> bool:
    return answer.status_code == 401 or (
        answer.status_code == 302
        and re.match(r"/(accounts|admin)/login/\?next=", answer.headers["Location"]) is not None
    )


@every_page
def test_security_headers(shown: HttpResponse) -> None:
    assert {name: shown.headers.get(name) for name in HEADERS} == HEADERS


def test_hsts_where_the_site_is_secure(client: Client, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 3600

    answer = client.get("/accounts/login/", secure=True)

    assert answer.headers["Strict-Transport-Security"] == "max-age=3600"


@every_page
def test_policy_is_strict(shown: HttpResponse, address: str) -> None:
    policy = shown.headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert not re.search(r"unsafe|nonce|\*|data: ;|script-src[^;]*data:", policy)
    foreign = set(re.findall(r"https?://[^ ;]+", policy))
    assert foreign == ({CDN} if address == "/assistant/" else set())


@every_page
def test_nothing_is_inline(shown: HttpResponse) -> None:
    page = shown.content.decode()

    for script in re.findall(r"<script[^>]*>", page):
        assert " src=" in script or 'type="application/json"' in script
    assert "<style" not in page
    assert not re.findall(r"<[^>]+\s(?:style|on\w+)=", page)
    assert "javascript:" not in page


@every_page
def test_no_cache_keeps_it(shown: HttpResponse) -> None:
    assert {"no-store", "private"} <= set(shown.headers["Cache-Control"].split(", "))


@every_page
def test_everything_a_page_loads_is_there(shown: HttpResponse, client: Client) -> None:
    """With DEBUG off, and without `collectstatic`."""
    page = shown.content.decode()
    loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page))

    assert loaded
    for source in loaded:
        file = client.get(source)
        assert file.status_code == 200, source
        assert file.headers["X-Content-Type-Options"] == "nosniff"


@every_page
def test_leads_nowhere_that_is_not_there(shown: HttpResponse, client: Client) -> None:
    links = set(re.findall(r'<a[^>]* href="(/[^"#]*)"', shown.content.decode()))

    assert links
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code in {200, 302}, link


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/static/pitchguard/tokens.css", "text/css"),
        ("/static/pitchguard/theme.js", "text/javascript"),
        ("/static/pitchguard/fonts/dm-sans-latin.woff2", "font/woff2"),
        ("/static/chatkit_gateway/page.js", "text/javascript"),
        ("/static/chatkit_gateway/widget/chatkit.js", "text/javascript"),
        ("/static/admin/css/base.css", "text/css"),
    ],
)
def test_static_files_are_what_they_say(address: str, kind: str, client: Client) -> None:
    file = client.get(address)

    assert file.status_code == 200
    assert file.headers["Content-Type"].partition(";")[0] == kind
