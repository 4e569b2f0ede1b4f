"""The app's configuration."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core import checks
from django.utils.translation import gettext_lazy as _


class ChatKitGatewayConfig(AppConfig):
    """Registers the system checks, marks every fresh login, and hears when one ends."""

    name = "chatkit_gateway"
    verbose_name = _("ChatKit gateway")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect what Django calls."""
        from chatkit_gateway import receivers
        from chatkit_gateway.checks import check_gateway
        from chatkit_gateway.fingerprints import mark_login

        checks.register(check_gateway, "chatkit")
        user_logged_in.connect(mark_login, dispatch_uid="chatkit_gateway.mark_login")
        receivers.connect()
