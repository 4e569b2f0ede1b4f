"""What a page or a front end is told about an assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.middleware.csrf import get_token
from django.utils.translation import get_language

from chatkit_gateway import conf, reference
from chatkit_gateway.backends import contract
from chatkit_gateway.page_texts import page_texts
from chatkit_gateway.widget_texts import widget_texts

if TYPE_CHECKING:
    from django.http import HttpRequest


def of(request: HttpRequest, assistant: conf.Assistant) -> dict[str, Any]:
    """Return what the template tag and the endpoint say alike; each adds its own addresses.

    A CSRF token and words: no secret, no key, no workflow id.
    """
    mode = contract.load(assistant).mode
    # None where a site has switched translation off.
    language = assistant.widget.get("locale") or get_language() or "en"
    return {
        "assistant": assistant.alias,
        "title": assistant.title,
        "mode": mode,
        "csrf_token": get_token(request),
        "script_url": conf.script_url(mode),
        "domain_key": assistant.domain_key,
        "widget": assistant.widget,
        "texts": page_texts(),
        "language": language,
        "widget_texts": widget_texts(language),
        "reference": reference.current(),
    }
