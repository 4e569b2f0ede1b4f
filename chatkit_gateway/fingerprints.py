"""Keyed one-way values: what stands in the database and upstream instead of secrets and names.

All are HMAC-SHA-256 in hex, under keys that `django.utils.crypto.salted_hmac` derives from
``SECRET_KEY`` and a salt of its own for each purpose.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from chatkit_gateway import conf

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser
    from django.contrib.sessions.backends.base import SessionBase
    from django.http import HttpRequest

_LOGIN = "chatkit_gateway_login"


def _keyed(purpose: str, value: str, key: str | None = None) -> str:
    salt = f"chatkit_gateway.{purpose}"
    return salted_hmac(salt, value, secret=key, algorithm="sha256").hexdigest()


def of_secret(client_secret: str) -> str:
    """Return what the audit stores of a client secret: 64 hex digits."""
    return _keyed("client_secret", client_secret)


def of_secret_under_every_key(client_secret: str) -> list[str]:
    """Return what the audit may hold of a client secret: under ``SECRET_KEY`` and its fallbacks."""
    return [_keyed("client_secret", client_secret, key) for key in conf.secret_keys()]


def pseudonym(user: AbstractBaseUser) -> str:
    """Return the name under which OpenAI knows the member: stable, and telling nothing.

    Keyed by ``CHATKIT_GATEWAY["IDENTITY_KEY"]``, or by ``SECRET_KEY`` without one. ``"PSEUDONYM"``,
    the dotted path of a callable of the user that returns a string, replaces it.
    """
    settings = conf.gateway()
    if settings.pseudonym:
        return str(import_string(settings.pseudonym)(user))
    return _keyed("pseudonym", str(user.pk), settings.identity_key)


def mark_login(request: HttpRequest, **kwargs: Any) -> None:
    """Put a random id into the session of a fresh login (a receiver of ``user_logged_in``).

    Who logs in again without logging out keeps the id, so that logging out ends all its secrets.
    """
    request.session.setdefault(_LOGIN, secrets.token_hex(16))


def login_id(session: SessionBase) -> str:
    """Return the keyed hash of the session's login id; 64 hex digits.

    A session from before the gateway was installed is given an id, and saved, first; that raises
    `UpdateError` if the session has been ended meanwhile.
    """
    if _LOGIN not in session:
        session[_LOGIN] = secrets.token_hex(16)
        session.save()
        # Saved for good: the middleware would save it again, and fail if it was ended meanwhile.
        session.modified = False
    return _keyed("login", session[_LOGIN])


def known_login_ids(session: SessionBase) -> list[str]:
    """Return what the audit may hold of this login: under ``SECRET_KEY`` and its fallbacks.

    Empty where `login_id` was never asked for; unlike that, this leaves the session as it is.
    """
    if _LOGIN not in session:
        return []
    return [_keyed("login", session[_LOGIN], key) for key in conf.secret_keys()]
