"""The portal's settings: the only place of this project that reads the environment.

`.env.example` lists every variable. A `.env` file beside `manage.py` is read when present, and a
real environment variable wins over it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from pitchguard_site import environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = environment.load(BASE_DIR)

DEBUG = env.bool("DJANGO_DEBUG", False)
SECRET_KEY = env.str("DJANGO_SECRET_KEY", "debug-only-" * 5 if DEBUG else "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set DJANGO_SECRET_KEY to a long random value, or DJANGO_DEBUG=true on your own machine."
    )
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
TRUSTED_PROXIES = env.int("DJANGO_TRUSTED_PROXIES", 0)
ROOT_URLCONF = "pitchguard_site.urls"
WSGI_APPLICATION = "pitchguard_site.wsgi.application"
ASGI_APPLICATION = "pitchguard_site.asgi.application"

INSTALLED_APPS = [
    "pitchguard_site",
    "chatkit_gateway",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "servestatic",
    "corsheaders",
    "csp",
    "rest_framework",
]
MIDDLEWARE = [
    "chatkit_gateway.middleware.reference_middleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "pitchguard_site.middleware.no_store_middleware",
    # Above all that may answer by itself, so that no page goes without them.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pitchguard_site.context.club",
            ]
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL", f"sqlite:///{quote(str(BASE_DIR / 'db.sqlite3'))}")}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        # Readers never wait for a writer, and a writer waits its turn instead of failing.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }
    if DATABASES["default"]["ENGINE"].endswith("sqlite3")
    else {"pool": {"min_size": 1, "max_size": 16, "timeout": 3}}
)
# A pooled connection may have died since it was used: look before it is used again.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
EMAIL_CONFIG = env.email_url("EMAIL_URL", "consolemail://")
globals().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DJANGO_DEFAULT_FROM_EMAIL", "committee@localhost")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
# Serves from the apps themselves, so that a page never depends on `collectstatic` having been run.
SERVESTATIC_USE_FINDERS = True

SECURE = env.bool("DJANGO_SECURE", not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = env.str("DJANGO_COOKIE_SAMESITE", "Lax")
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # HSTS for subdomains and preload: the club shares its domain with the university, so both
    # would bind sites that are not the club's, and cannot be taken back for months.
    "security.W005",
    "security.W021",
]
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/(api/)?chatkit/"
CORS_EXPOSE_HEADERS = ["Retry-After"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, Any] = {
    feature: [] for feature in ("camera", "display-capture", "geolocation", "payment", "usb")
}

EMULATOR_URL = env.str("CHATKIT_EMULATOR_URL", "")
_emulated_api = f"{EMULATOR_URL}/v1" if EMULATOR_URL else None
_emulated_script = f"{EMULATOR_URL}/deployments/chatkit/chatkit.js" if EMULATOR_URL else None
CHATKIT_GATEWAY = {
    "ASSISTANTS": {
        "default": {
            "TITLE": _("Pitch assistant"),
            "BACKEND": "chatkit_gateway.backends.hosted.HostedBackend",
            "OPTIONS": {
                "api_key": env.str("OPENAI_API_KEY", ""),
                "workflow_id": env.str("CHATKIT_WORKFLOW_ID", ""),
                "workflow_version": env.str("CHATKIT_WORKFLOW_VERSION", "") or None,
                "organization": env.str("OPENAI_ORG_ID", "") or None,
                "project": env.str("OPENAI_PROJECT_ID", "") or None,
                "base_url": env.str("OPENAI_BASE_URL", "") or _emulated_api,
                "history": True,
            },
            "WIDGET": {
                "header": {"title": {"enabled": False}},
                "startScreen": {
                    "greeting": _("What are we pitching today?"),
                    "prompts": [
                        {
                            "label": _("Review my pitch"),
                            "prompt": _("Review my stock pitch: what is missing?"),
                            "icon": "circle-question",
                        },
                        {
                            "label": _("Test a thesis"),
                            "prompt": _("What would have to be true for this thesis to fail?"),
                            "icon": "search",
                        },
                        {
                            "label": _("Explain a valuation"),
                            "prompt": _("Explain how to value a bank, step by step."),
                            "icon": "book-open",
                        },
                    ],
                },
                "composer": {"placeholder": _("Ask about a company, a thesis or a valuation")},
            },
        }
    },
    "SCRIPT_URL": env.str("CHATKIT_SCRIPT_URL", "") or _emulated_script,
    "TRUSTED_PROXIES": TRUSTED_PROXIES,
    "IDENTITY_KEY": env.str("CHATKIT_IDENTITY_KEY", "") or None,
    "ORIGINS": env.origins(
        {
            "api_key": "OPENAI_API_KEY",
            "workflow_id": "CHATKIT_WORKFLOW_ID",
            "base_url": "OPENAI_BASE_URL",
        }
    ),
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"reference": {"()": "chatkit_gateway.reference.ReferenceFilter"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "fmt": "{asctime}{levelname}{name}{reference}{message}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level"},
        },
        "plain": {"format": "{levelname} [{reference}] {name}: {message}", "style": "{"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["reference"],
            "formatter": "plain" if DEBUG else "json",
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django and uvicorn bring handlers of their own; their lines belong in the same stream.
        name: {"handlers": [], "level": "INFO", "propagate": True}
        for name in ("django", "django.server", "uvicorn", "uvicorn.access", "uvicorn.error")
    },
}
