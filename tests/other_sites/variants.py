"""The kinds of sites the gateway is proven in: what each was before it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.other_sites.fresh_site import QUICK_PASSWORDS

PERSON = """
import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models


class PersonManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        person = self.model(email=self.normalize_email(email), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class Person(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects = PersonManager()

    USERNAME_FIELD = "email"
"""
PEOPLE_SETTINGS = """
INSTALLED_APPS += ["people"]
AUTH_USER_MODEL = "people.Person"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
"""
LANGUAGES_SETTINGS = """
from django.utils.translation import gettext_lazy as _

MIDDLEWARE.insert(2, "django.middleware.locale.LocaleMiddleware")
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
"""
LANGUAGES_URLS = """
from django.conf.urls.i18n import i18n_patterns

urlpatterns = i18n_patterns(path("admin/", admin.site.urls))
"""


@dataclass(frozen=True)
class Variant:
    """One kind of site.

    ``files`` are its own, written before anything of the gateway; ``apps`` of its own want
    migrations. ``section`` of docs/installing.md is followed besides the README. ``at`` is the
    name by which people log in, after their first name.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    apps: tuple[str, ...] = ()
    section: str = ""
    prefix: str = ""
    server: str = "runserver"
    page: str = "/assistant/"
    login: str = "/admin/login/"
    headers: Mapping[str, str] = field(default_factory=dict)
    at: str = ""
    database: str = "db.sqlite3"

    @property
    def admin(self) -> str:
        """Where the admin is, whose login is the site's."""
        return self.login.removesuffix("login/")


def _with(settings: str) -> dict[str, str]:
    return {"settings.py": settings + QUICK_PASSWORDS}


VARIANTS = {
    "startproject": Variant(),
    "ATOMIC_REQUESTS": Variant(_with('DATABASES["default"]["ATOMIC_REQUESTS"] = True')),
    "user-model": Variant(
        _with(PEOPLE_SETTINGS) | {"people/__init__.py": "", "people/models.py": PERSON},
        apps=("people",),
        at="@example.org",
    ),
    "LoginRequiredMiddleware": Variant(
        _with('MIDDLEWARE += ["django.contrib.auth.middleware.LoginRequiredMiddleware"]')
    ),
    "prefix": Variant(
        _with('FORCE_SCRIPT_NAME = "/club"'),
        prefix="/club",
        server="uvicorn",
    ),
    "languages": Variant(
        _with(LANGUAGES_SETTINGS) | {"urls.py": LANGUAGES_URLS},
        section="## Languages in the addresses",
        page="/es/assistant/",
        login="/es/admin/login/",
        headers={"Accept-Language": "es"},
    ),
    "USE_TZ": Variant(_with('USE_TZ = False\nTIME_ZONE = "Europe/Madrid"')),
    "second-database": Variant(
        _with('DATABASES["default"]["ATOMIC_REQUESTS"] = True'),
        section="## A second database",
        database="chatkit.sqlite3",
    ),
}
