"""Settings of Aisle: one file, read from the environment (docs/reference/settings.md)."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from store import env, secrets
from store.runtime import paths

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = paths.home()

DEBUG = env.boolean("AISLE_DEBUG", default=False)
DEMO = env.boolean("AISLE_DEMO", default=True)
SECRET_KEY = secrets.secret_key(HOME, env.text("AISLE_SECRET_KEY", ""))
ALLOWED_HOSTS = env.words("AISLE_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("AISLE_ORIGINS", "")
HTTPS = env.boolean("AISLE_HTTPS", default=False)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "store",
    "pos",
    "fulfillment",
    "signage",
    "telemetry",
    "vision",
]

MIDDLEWARE = [
    "store.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "store.middleware.device",
    "store.middleware.errors",
]

ROOT_URLCONF = "store.urls"
ASGI_APPLICATION = "store.asgi.application"
WSGI_APPLICATION = None

_loaders: list[object] = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
if not DEBUG:
    _loaders = [("django.template.loaders.cached.Loader", _loaders)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", _loaders)],
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "store.context.shell",
            ],
        },
    }
]

# A database name of its own for each parallel test run comes from Django; the pool keeps
# connections inside each process, so CONN_MAX_AGE stays 0 (persistent connections and the pool
# exclude each other).
DATABASES = {"default": env.database("DATABASE_URL", paths.database_url())}
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"]["OPTIONS"],  # type: ignore[dict-item]
    # Which of our processes a connection belongs to, in pg_stat_activity.
    "application_name": f"aisle-{env.text('AISLE_ROLE', 'command')}",
    "pool": {"min_size": 1, "max_size": env.integer("AISLE_DB_POOL", 8), "timeout": 10},
}
DATABASE_URL = env.text("DATABASE_URL", paths.database_url())
REDIS_URL = env.text("REDIS_URL", paths.redis_url())
MQTT_URL = env.text("MQTT_URL", paths.mqtt_url())
PKI_DIR = paths.pki()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions live in the database: sign-in goes on when Valkey is away.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-aisle_session" if HTTPS else "aisle_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-aisle_csrf" if HTTPS else "aisle_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "store.views.failures.csrf"
LANGUAGE_COOKIE_NAME = "aisle_language"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
DEVICE_COOKIE_NAME = "__Host-aisle_device" if HTTPS else "aisle_device"
DISPLAY_COOKIE_NAME = "__Host-aisle_display" if HTTPS else "aisle_display"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

AUTH_USER_MODEL = "store.Staff"
LOGIN_URL = "store:sign_in"
LOGIN_REDIRECT_URL = "store:home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

LANGUAGE_CODE = env.text("AISLE_LANGUAGE", "en")
LANGUAGES = [("en", _("English")), ("de", _("German"))]
# Before the admin's own words, which would win for shared ones such as "Save".
LOCALE_PATHS = [BASE_DIR / "store" / "locale"]
FORMAT_MODULE_PATH = ["store.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [("vendor", paths.vendor())] if paths.vendor().is_dir() else []
# Files are served from where they lie: nothing to collect, nothing to forget after an update.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = HOME / "media"
MEDIA_URL = "/media/"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "store.access.DeviceAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "store.api.api_exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Aisle",
    "DESCRIPTION": "The connected store on one server.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {"OrderState": "fulfillment.models.Order.State"},
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A killed worker's tasks come back after 15 s instead of 103 s.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# Consumers of MQTT that run inside the worker started with `-Q telemetry` (store/celery.py).
CELERY_BOOTSTEPS = ["telemetry.bootstep.IngestStep", "vision.bootstep.ConsumerStep"]

# Events that everybody has are kept this long, for looking back.
KEEP_EVENTS_DAYS = env.integer("AISLE_KEEP_EVENTS_DAYS", 30)

CLOUD_ADAPTER = env.text("AISLE_CLOUD", "loopback")
AWS_ENDPOINT_URL = env.text("AISLE_AWS_ENDPOINT_URL", "")
AWS_REGION = env.text("AWS_REGION", "eu-central-1")
AWS_BUS_IN = env.text("AISLE_BUS_IN", "aisle-in")
AWS_BUS_OUT = env.text("AISLE_BUS_OUT", "aisle-out")
AWS_QUEUE_URL = env.text("AISLE_QUEUE_URL", "")

LOG_LEVEL = env.text("AISLE_LOG_LEVEL", "INFO")
LOG_JSON = env.boolean("AISLE_LOG_JSON", default=False)
LOGGING_CONFIG = "store.logs.configure"
LOGGING = {"level": LOG_LEVEL, "json": LOG_JSON}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# The preview of a screen is the player itself, in a frame of our own origin.
SILENCED_SYSTEM_CHECKS = ["security.W019"]
# Only whether user keys are present is kept, for a deploy check; botocore reads them itself.
AWS_HAS_USER_KEYS = env.text("AWS_ACCESS_KEY_ID", "").startswith("AKIA")
