"""Whose secret is this? From a leaked client secret to the issuance it came from."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django import forms
from django.core.exceptions import PermissionDenied
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from chatkit_gateway import fingerprints
from chatkit_gateway.admin.revoking import RevokesIssuances, page, state_of
from chatkit_gateway.models import Issuance

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


logger = logging.getLogger(__name__)


class LookupForm(forms.Form):
    """Takes the secret. Never shown with what was typed in: the page is made with an empty one."""

    client_secret = forms.CharField(
        label=_("Client secret"),
        max_length=4096,
        widget=forms.TextInput(
            attrs={
                "class": "vLargeTextField",
                "autocomplete": "off",
                "autocapitalize": "off",
                # A browser may check spelling on somebody else's server.
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
        help_text=_("It is compared by its fingerprint, and neither stored nor logged."),
    )


class LooksSecretsUp(RevokesIssuances):
    """For the `ModelAdmin` of issuances: a page that takes a secret and finds its row."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        view = self.admin_site.admin_view(self.lookup_view)
        return [
            path("lookup/", view, name="chatkit_gateway_issuance_lookup"),
            *super().get_urls(),
        ]

    @method_decorator(sensitive_post_parameters())
    def lookup_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, and below it what was found."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {"title": _("Whose secret is this?"), "form": LookupForm()}
        if request.method == "POST":
            given = LookupForm(request.POST)
            found = _find(given.cleaned_data["client_secret"]) if given.is_valid() else None
            logger.info(
                "user %s looked a client secret up: issuance %s",
                request.user.pk,
                found.pk if found else None,
            )
            context |= {"asked": True, "found": found}
            if found:
                context |= {"state": state_of(found), **self.about(request, found)}
        return page(request, self.admin_site, "issuance/lookup.html", context)


def _find(client_secret: str) -> Issuance | None:
    keyed = fingerprints.of_secret_under_every_key(client_secret)
    return Issuance.objects.with_revocation().filter(fingerprint__in=keyed).first()
