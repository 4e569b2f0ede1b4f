"""The portal's addresses, and the async view that was measured against the sync one."""

from django.urls import path

from benchmarks.async_view import create_session
from pitchguard_site.urls import urlpatterns as portal

urlpatterns = [*portal, path("async/session", create_session)]
