"""The portal's settings for tests: untouched by the machine's environment and its `.env`."""

import os
import tempfile

_PORTALS_OWN = ("DJANGO_", "OPENAI_", "CHATKIT_", "CORS_", "PERPLEXITY_", "EMAIL_URL")

for _name in list(os.environ):
    if _name.startswith(_PORTALS_OWN) and _name != "DJANGO_SETTINGS_MODULE":
        del os.environ[_name]
os.environ["DJANGO_ENV_FILE"] = ""
os.environ["DJANGO_SECRET_KEY"] = "only-for-tests-" * 4
os.environ["DJANGO_SECURE"] = "false"
# A file like the portal's own: SQLite in memory locks in ways of its own when threads share it.
_file = f"{tempfile.gettempdir()}/pitchguard-{os.getpid()}.sqlite3"
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", f"sqlite:///{_file}")

from pitchguard_site.settings import *  # noqa: E402, F403

# The real hasher is slow on purpose, and what it protects is not what these tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

if "TEST_DATABASE_URL" not in os.environ:
    DATABASES["default"]["TEST"] = {"NAME": f"{_file}-test"}  # noqa: F405
