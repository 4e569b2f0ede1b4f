"""A login for the time of one look at the members' page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_backends
from django.http.request import split_domain_port, validate_host

from chatkit_gateway import conf
from chatkit_gateway.doctor import showing

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

_SECONDS = 60
"""How long the login lives if nothing is left to end it."""
_LOCAL = [".localhost", "127.0.0.1", "[::1]"]
"""What an empty ``ALLOWED_HOSTS`` means to Django in debug mode."""


def may_be_shown_to(url: str) -> bool:
    """Tell whether a login of this site may be sent to that address: to our own, encrypted."""
    hosts = [host for host in conf.cross_origin_sites().own_hosts if host != "*"] or _LOCAL
    domain, _port = split_domain_port(showing.origin(url).partition("://")[2])
    encrypted = urlsplit(url).scheme == "https" or showing.is_local(url)
    return encrypted and validate_host(domain, hosts)


@contextmanager
def login_of(member: AbstractBaseUser) -> Iterator[dict[str, str]]:
    """Yield the headers of a browser in which the member is logged in, and end that login.

    Sets off nothing that a real login does: no signal, no ``last_login``. Raises LookupError where
    no authentication backend of the site knows the member.
    """
    store = conf.login_store()
    store[SESSION_KEY] = member._meta.pk.value_to_string(member)
    store[BACKEND_SESSION_KEY] = _backend_of(member)
    store[HASH_SESSION_KEY] = member.get_session_auth_hash()
    store.set_expiry(_SECONDS)
    store.save(must_create=True)
    try:
        yield {"Cookie": f"{_cookie_name()}={store.session_key}"}
    finally:
        store.delete()


def _cookie_name() -> str:
    cookies = conf.cross_origin_sites().cookies
    return next(cookie.name for cookie in cookies if cookie.setting == "SESSION_COOKIE")


def _backend_of(member: AbstractBaseUser) -> str:
    for backend in get_backends():
        if backend.get_user(member.pk) == member:
            return f"{type(backend).__module__}.{type(backend).__qualname__}"
    raise LookupError
