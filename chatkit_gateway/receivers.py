"""What Django tells that may end client secrets: a logout, and a membership that is over.

Nothing here delays or breaks what it listens to: the wish is written down, the upstream is asked in
the background, and an error is only logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from chatkit_gateway import background, conf, fingerprints, lapses, revocation
from chatkit_gateway.models import Cause, Issuance
from chatkit_gateway.revocation import Wish

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

Arguments = ParamSpec("Arguments")

DECIDING = {"is_active", "is_superuser"}
"""The columns of a user that the gateway's own gate looks at."""

logger = logging.getLogger(__name__)


def connect() -> None:
    """Listen to logouts, to the site's user model and its relations, and to groups if it has any.

    What sends no signal, such as a bulk update, is found by ``chatkit_revoke --lapsed``.
    """
    user_logged_out.connect(end_login, dispatch_uid="chatkit_gateway.end_login")
    user_model = get_user_model()
    # A proxy or a subclass sends signals of its own.
    for model in (model for model in apps.get_models() if issubclass(model, user_model)):
        post_save.connect(member_saved, model, dispatch_uid="chatkit_gateway.member_saved")
        post_delete.connect(member_deleted, model, dispatch_uid="chatkit_gateway.member_deleted")
    for field in user_model._meta.many_to_many:
        through = field.remote_field.through
        m2m_changed.connect(relations_changed, through, dispatch_uid="chatkit_gateway.relations")
    if apps.is_installed("django.contrib.auth"):
        from django.contrib.auth.models import Group, Permission

        uid = "chatkit_gateway.permissions"
        m2m_changed.connect(permissions_changed, Group.permissions.through, dispatch_uid=uid)
        post_delete.connect(permissions_changed, Group, dispatch_uid=uid)
        post_delete.connect(permissions_changed, Permission, dispatch_uid=uid)


def contained(receiver: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Log what the receiver raises, and by its type alone, since a message may quote anything."""

    @wraps(receiver)
    def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            receiver(*args, **kwargs)
        except Exception as error:
            logger.error(
                "%s failed, so client secrets may live on: %s",
                receiver.__name__,
                type(error).__name__,
            )

    return call


@contained
def end_login(request: HttpRequest, **kwargs: Any) -> None:
    """End the secrets of the login that is ending."""
    login_ids = fingerprints.known_login_ids(request.session)
    if login_ids:
        secrets = Issuance.objects.filter(login_id__in=login_ids).unasked()
        revocation.carry_on_soon(revocation.begin(secrets, Wish(Cause.LOGOUT)).pending)


@contained
def member_saved(
    instance: Model,
    created: bool,
    using: str,
    update_fields: Collection[str] | None = None,
    **kwargs: Any,
) -> None:
    """Look at the member, unless nothing was saved that the gate looks at."""
    if created:
        return
    # Nobody knows what a gate of the site's own looks at.
    if update_fields is None or DECIDING & set(update_fields) or conf.gateway().gate:
        _look_at_member(instance.pk, using)


@contained
def member_deleted(instance: Model, using: str, **kwargs: Any) -> None:
    """Look at the member, who is gone."""
    _look_at_member(instance.pk, using)


@contained
def relations_changed(
    instance: Model, action: str, reverse: bool, using: str, **kwargs: Any
) -> None:
    """Look at the member whose groups or permissions changed, or at everybody."""
    if not action.startswith("post_"):
        return
    if reverse:
        _look_at_everybody(using)
    else:
        _look_at_member(instance.pk, using)


@contained
def permissions_changed(using: str, action: str = "post_delete", **kwargs: Any) -> None:
    """Look at everybody: a group or a permission may be anyone's."""
    if action.startswith("post_"):
        _look_at_everybody(using)


def _look_at_member(key: Any, using: str) -> None:
    transaction.on_commit(partial(_end_if_lapsed, key), using=using)


def _look_at_everybody(using: str) -> None:
    transaction.on_commit(_end_all_lapsed_soon, using=using)


@contained
def _end_if_lapsed(key: Any) -> None:
    revocation.carry_on_soon(lapses.end_lapsed(Issuance.objects.filter(member_id=key)))


@contained
def _end_all_lapsed_soon() -> None:
    if Issuance.objects.unasked().exists():
        background.submit(lapses.end_all_lapsed)
