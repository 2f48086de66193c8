"""Django's settings. What an operator may set comes from the environment; docs/operating.md lists it."""

import os
import secrets
from pathlib import Path

from nattbok.db import server

PACKAGE = Path(__file__).resolve().parent.parent
HOME = server.home()
DEBUG = False


def _secret_key() -> str:
    """A key of this installation's own, made at first use and kept beside the data."""
    if named := os.environ.get("NATTBOK_SECRET_KEY"):
        return named
    path = HOME / "secrets" / "key"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("NATTBOK_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("NATTBOK_ORIGINS", "").split(",") if origin]
# What the links of approvers' mails begin with; without a name they lead to this machine.
ADDRESS = (CSRF_TRUSTED_ORIGINS or ["http://127.0.0.1:8000"])[0].rstrip("/")
# Set when a TLS proxy stands in front; cookies are then sent over https only.
IS_BEHIND_TLS = os.environ.get("NATTBOK_TLS", "") == "1"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "nattbok.clients",
    "nattbok.trail",
    "nattbok.files",
    "nattbok.outbox",
    "nattbok.desk",
    "nattbok.approvals",
    "nattbok.ledger",
    "nattbok.documents",
    "nattbok.bank",
    "nattbok.recurring",
    "nattbok.vouchers",
    "nattbok.expenses",
    "nattbok.people",
    "nattbok.robot",
    "nattbok.web",
    "nattbok.db",  # last: it installs the guards when all tables are there
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "nattbok.web.page.PageMiddleware",
]

ROOT_URLCONF = "nattbok.site.urls"
WSGI_APPLICATION = None
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "nattbok.web.page.every_page",
            ],
            "builtins": [
                "nattbok.web.templatetags.nattbok",
                "django.templatetags.i18n",
                "django_htmx.templatetags.django_htmx",
            ],
        },
    }
]


def _database(login: server.Login, **options: object) -> dict:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": login.database,
        "USER": login.user,
        "PASSWORD": login.password,
        "HOST": login.host,
        "PORT": login.port,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    } | options


_logins = server.logins()
# The running system is `default`. `owner` changes tables, and is used by `nattbok migrate` alone.
DATABASES = {"default": _database(_logins.app), "owner": _database(_logins.owner, CONN_MAX_AGE=0)}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STORAGES = {
    "default": {
        "BACKEND": os.environ.get("NATTBOK_FILES", "django.core.files.storage.FileSystemStorage"),
        # An object store takes its settings from its own variables (AWS_… for django-storages' S3).
        "OPTIONS": {"location": HOME / "files"} if "NATTBOK_FILES" not in os.environ else {},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

AUTH_USER_MODEL = "clients.Person"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "morning"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Norsk"), ("sv", "Svenska"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("NATTBOK_TIME_ZONE", "Europe/Oslo")

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "web" / "static"]
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_BEHIND_TLS
SECURE_SSL_REDIRECT = IS_BEHIND_TLS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_BEHIND_TLS else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 50 * 1024 * 1024  # of a form without its files
# Bytes of all that is sent at once: a bank statement may be 200 MB, and what is larger than its page takes is
# refused by that page, in words. What is larger than this the server refuses by itself, in none.
LARGEST_REQUEST = 210_000_000

EMAIL_HOST = os.environ.get("NATTBOK_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("NATTBOK_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("NATTBOK_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("NATTBOK_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("NATTBOK_SMTP_TLS", "") == "1"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("NATTBOK_MAIL_FROM", "nattbok@localhost")

PROCRASTINATE_ON_APP_READY = "nattbok.robot.undoing.jobs.ready"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
