"""May this user use this assistant?"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.utils.module_loading import import_string

from chatkit_gateway import conf, errors
from chatkit_gateway.errors import Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

    from chatkit_gateway.conf import Assistant


def may_use(user: AbstractBaseUser | AnonymousUser, assistant: Assistant) -> bool:
    """Tell whether an active user holds the assistant's permission.

    ``CHATKIT_GATEWAY["GATE"]``, the dotted path of a callable of (user, assistant) that returns a
    bool, replaces the question about the permission; an inactive user is refused before it.
    """
    if not user.is_active:
        return False
    own_gate = conf.gateway().gate
    if own_gate:
        return bool(import_string(own_gate)(user, assistant))
    # AUTH_USER_MODEL must bring permissions, as Django's admin already demands.
    return cast("PermissionsMixin", user).has_perm(assistant.permission)


def is_member(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether the user may use at least one assistant of this site."""
    return any(may_use(user, assistant) for assistant in conf.gateway().assistants.values())


def admit(user: AbstractBaseUser | AnonymousUser, alias: str) -> Assistant:
    """Return the assistant of that alias, if the user may use it.

    Raises `Refusal`: not_a_member, unknown_assistant.
    """
    # Membership first: what assistants there are is nobody else's business.
    if not is_member(user):
        raise Refusal(errors.NOT_A_MEMBER)
    assistant = conf.gateway().assistants.get(alias)
    if assistant is None:
        raise Refusal(errors.UNKNOWN_ASSISTANT)
    if not may_use(user, assistant):
        raise Refusal(errors.NOT_A_MEMBER)
    return assistant
