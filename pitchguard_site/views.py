"""The portal's pages: home, the assistant, and the login."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView
from django.urls import reverse
from django.views.generic import TemplateView

from chatkit_gateway import conf, gate
from chatkit_gateway.backends import contract
from chatkit_gateway.pages import AssistantView
from pitchguard_site.context import SITE_NAME

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class HomeView(LoginRequiredMixin, TemplateView):
    """Where members arrive: the assistant, and what is recorded when they open it."""

    template_name = "home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``may_chat`` (bool), ``assistants`` (alias, title, url) and ``retention_days``."""
        gateway = conf.gateway()
        allowed = [
            assistant
            for assistant in gateway.assistants.values()
            if gate.may_use(self.request.user, assistant)
        ]
        return super().get_context_data(
            may_chat=bool(allowed),
            assistants=[
                {"alias": assistant.alias, "title": assistant.title, "url": reverse("assistant")}
                for assistant in allowed
                if assistant.alias == AssistantView.assistant
            ],
            retention_days=gateway.retention_days,
            **kwargs,
        )


class PortalLoginView(LoginView):
    """Django's login; ``next`` may also lead to an origin that CORS allows."""

    redirect_authenticated_user = True
    # Django would call the portal by its host.
    extra_context = {"site_name": SITE_NAME}

    def get_redirect_url(self, *args: Any) -> str:
        """Return where ``next`` leads, if it may: not back here, and to listed origins only."""
        url = super().get_redirect_url(*args)
        parts = urlsplit(url)
        listed = f"{parts.scheme}://{parts.netloc}" in settings.CORS_ALLOWED_ORIGINS
        foreign = parts.netloc not in {"", self.request.get_host()}
        if url == self.request.path or (foreign and not listed):
            return ""
        return url

    def get_success_url_allowed_hosts(self, *args: Any) -> set[str]:
        """Return this host and the hosts of the front ends that may call the gateway."""
        own = super().get_success_url_allowed_hosts(*args)
        return own | {urlsplit(origin).netloc for origin in settings.CORS_ALLOWED_ORIGINS}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve the form, which browsers may follow to those front ends."""
        response = super().dispatch(request, *args, **kwargs)
        # Chromium holds the redirect after a form to form-action as well.
        _widen_policy(response, {"form-action": list(settings.CORS_ALLOWED_ORIGINS)})
        return response


class PortalAssistantView(AssistantView):
    """The assistant page, whose policy lets the widget's script in, and nothing else foreign."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve the page and widen its Content-Security-Policy by the script's origin."""
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == HTTPStatus.OK:
            _widen_policy(response, self.policy())
        return response

    def policy(self) -> dict[str, list[str]]:
        """Return what the widget's script needs, by directive; nothing if it is our own."""
        script = urlsplit(conf.script_url(contract.load(self.configured()).mode))
        if not script.netloc:
            return {}
        # OpenAI's script puts the chat in a frame of its own origin; the emulator's speaks to the
        # emulator from the page.
        directives = ["script-src", "frame-src"]
        if settings.EMULATOR_URL:
            directives.append("connect-src")
        sources = ["'self'", f"{script.scheme}://{script.netloc}"]
        return dict.fromkeys(directives, sources)


def _widen_policy(response: HttpResponseBase, sources: dict[str, list[str]]) -> None:
    """Add sources to this response's Content-Security-Policy, the way of django-csp's decorators.

    A directive that the policy does not have yet starts with what is given here.
    """
    response._csp_update = sources  # type: ignore[attr-defined]
