"""The portal's addresses."""

from django.contrib import admin
from django.contrib.auth.views import PasswordResetView
from django.urls import include, path

from pitchguard_site import health, views
from pitchguard_site.context import SITE_NAME

admin.site.site_header = admin.site.site_title = SITE_NAME

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("assistant/", views.PortalAssistantView.as_view(), name="assistant"),
    path("chatkit/", include("chatkit_gateway.urls")),
    path("api/chatkit/", include("chatkit_gateway.urls", namespace="chatkit_gateway_api")),
    path("accounts/login/", views.PortalLoginView.as_view(), name="login"),
    path(
        "accounts/password_reset/",
        PasswordResetView.as_view(extra_email_context={"site_name": SITE_NAME}),
        name="password_reset",
    ),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
