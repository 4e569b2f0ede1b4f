"""What a Content-Security-Policy allows, held against what browsers make of it."""

from __future__ import annotations

import pytest

from chatkit_gateway.doctor.site import csp

PAGE = "https://portal.example.org/assistant/"
SCRIPT = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js"


@pytest.mark.parametrize(
    ("header", "allowed"),
    [
        ("", True),
        ("img-src 'none'", True),
        ("default-src 'self'", False),
        ("default-src 'none'; script-src https://cdn.platform.openai.com", True),
        ("script-src 'self' https://cdn.platform.openai.com/deployments/chatkit/", True),
        ("script-src https://cdn.platform.openai.com/deployments/chatkit/chatkit.js", True),
        ("script-src https://cdn.platform.openai.com/other/", False),
        ("script-src https://*.openai.com", True),
        ("script-src *.platform.openai.com:443", True),
        ("script-src https://openai.com", False),
        ("script-src https:", True),
        ("script-src *", True),
        ("script-src http://cdn.platform.openai.com", True),
        ("script-src cdn.platform.openai.com:8443", False),
        ("script-src 'none'", False),
        ("script-src", False),
        ("SCRIPT-SRC HTTPS://CDN.PLATFORM.OPENAI.COM", True),
        ("script-src https:; script-src 'none'", True),
        ("script-src-elem 'self'; script-src https:", False),
        ("script-src 'nonce-abc' 'strict-dynamic' https:", False),
        ("script-src https:, script-src 'self'", False),
    ],
)
def test_script(header: str, allowed: bool) -> None:
    assert csp.allows(csp.parse([header]), "script-src", SCRIPT, PAGE) is allowed


@pytest.mark.parametrize(
    ("directive", "header", "allowed"),
    [
        ("frame-src", "frame-src 'none'; child-src https:", False),
        ("frame-src", "child-src https:", True),
        ("frame-src", "default-src 'self'; script-src https:", False),
        ("connect-src", "default-src 'self'; connect-src https:", True),
    ],
)
def test_fallbacks(directive: str, header: str, allowed: bool) -> None:
    assert csp.allows(csp.parse([header]), directive, SCRIPT, PAGE) is allowed


@pytest.mark.parametrize(
    ("url", "page", "allowed"),
    [
        ("https://portal.example.org/static/page.js", PAGE, True),
        ("https://portal.example.org:443/static/page.js", PAGE, True),
        ("http://portal.example.org/static/page.js", PAGE, False),
        ("http://127.0.0.1:8000/static/page.js", "http://127.0.0.1:8000/", True),
        ("http://127.0.0.1:8001/static/page.js", "http://127.0.0.1:8000/", False),
    ],
)
def test_self(url: str, page: str, allowed: bool) -> None:
    assert csp.allows(csp.parse(["script-src 'self'"]), "script-src", url, page) is allowed


def test_every_header_has_its_say() -> None:
    both = csp.parse(["script-src https:", "default-src 'self'"])

    assert not csp.allows(both, "script-src", SCRIPT, PAGE)
