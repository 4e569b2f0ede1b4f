"""The members' page around the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.mixins import AccessMixin
from django.http import Http404
from django.utils.cache import add_never_cache_headers
from django.views.generic import TemplateView

from chatkit_gateway import conf, gate

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from chatkit_gateway.conf import Assistant


class AssistantView(AccessMixin, TemplateView):
    """The page of one assistant: anonymous visitors go to log in and come back, others get a 403.

    Hook it up as ``AssistantView.as_view()`` or with ``assistant="alias"``. Override the templates
    ``chatkit_gateway/assistant.html`` and ``chatkit_gateway/not_a_member.html`` to dress it.
    """

    template_name = "chatkit_gateway/assistant.html"
    refusal_template_name = "chatkit_gateway/not_a_member.html"
    assistant = "default"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Serve members. Raises Http404 for an assistant that is not configured."""
        if not request.user.is_authenticated:
            return self.handle_no_permission()
        if gate.may_use(request.user, self.configured()):
            response = super().dispatch(request, *args, **kwargs)
        else:
            context = self.get_context_data()
            response = self.response_class(
                request, [self.refusal_template_name], context, status=403
            )
        # A members' page: nothing of it stays in a cache that others can look into.
        add_never_cache_headers(response)
        return response

    def configured(self) -> Assistant:
        """Return the assistant as configured now."""
        try:
            return conf.gateway().assistants[self.assistant]
        except KeyError:
            raise Http404(f"No assistant '{self.assistant}'") from None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add ``assistant`` (a `chatkit_gateway.conf.Assistant`)."""
        return super().get_context_data(assistant=self.configured(), **kwargs)
