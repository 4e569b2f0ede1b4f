"""The gateway's endpoints. Include them under ``chatkit/`` and ``api/chatkit/``."""

from django.urls import re_path

from chatkit_gateway.views import ConfigView, SessionView

app_name = "chatkit_gateway"

urlpatterns = [
    # With and without a slash: a redirect would turn the POST into a GET.
    re_path(r"^session/?$", SessionView.as_view(), name="session"),
    re_path(r"^config/?$", ConfigView.as_view(), name="config"),
]
