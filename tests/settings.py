"""The portal's settings for tests: independent of the machine's environment and its `.env`."""

import os

for _name in list(os.environ):
    if _name.startswith(("DJANGO_", "OPENAI_", "CHATKIT_", "CORS_")):
        if _name not in {"DJANGO_SETTINGS_MODULE"}:
            del os.environ[_name]
os.environ.update(
    DJANGO_ENV_FILE="",
    DJANGO_SECRET_KEY="only-for-tests-" * 4,
    DJANGO_SECURE="false",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
)

from pitchguard_site.settings import *  # noqa: E402, F403

# The real hasher is slow on purpose; what it protects is not what these tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
