"""The portal's own app: the club's group, and the pages around the assistant."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

GROUP = "Club members"


class PitchGuardConfig(AppConfig):
    """Makes sure that there is a group to put members into."""

    name = "pitchguard_site"
    verbose_name = "PitchGuard"

    def ready(self) -> None:
        """Connect the receiver that runs after every ``migrate``."""
        post_migrate.connect(create_group, dispatch_uid="pitchguard_site.create_group")


def create_group(using: str, **kwargs: Any) -> None:
    """Create the group "Club members" with the permission to chat, once.

    A group that exists is left as it is, so what an admin took away is never granted again. It
    waits for the permission, which Django creates after the migrations and not within one.
    """
    from django.contrib.auth.models import Group, Permission

    permission = (
        Permission.objects.using(using)
        .filter(codename="use_chatkit", content_type__app_label="chatkit_gateway")
        .first()
    )
    if permission is None:
        return
    group, created = Group.objects.using(using).get_or_create(name=GROUP)
    if created:
        group.permissions.add(permission)
