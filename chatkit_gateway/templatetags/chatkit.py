"""``{% load chatkit %}``: the widget in any template."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django import template
from django.contrib.auth.views import redirect_to_login
from django.urls import reverse

from chatkit_gateway import client_config, conf, reference

if TYPE_CHECKING:
    from django.http import HttpRequest

logger = logging.getLogger(__name__)

register = template.Library()


@register.inclusion_tag("chatkit_gateway/widget.html", takes_context=True)
def chatkit_widget(context: template.Context, alias: str = "default") -> dict[str, Any]:
    """Render the widget of an assistant. Needs ``request`` in the context.

    What reaches the page is an address, a CSRF token and words: no secret, no key, no workflow id.
    Raises KeyError for an assistant that is not configured.
    """
    assistant = conf.gateway().assistants[alias]
    with reference.of_request():
        # The page tells this reference when no answer of the endpoint has brought another.
        logger.info("the page of assistant %s is being shown", alias)
        config = _config(context["request"], assistant)
    return {
        "assistant": assistant,
        "config": config,
        "config_id": f"chatkit-config-{alias}",
    }


def _config(request: HttpRequest, assistant: conf.Assistant) -> dict[str, Any]:
    return client_config.of(request, assistant) | {
        "endpoint": reverse("chatkit_gateway:session"),
        "login_url": redirect_to_login(request.get_full_path()).url,
        "csrf_cookie_name": conf.csrf_cookie_name(),
    }
