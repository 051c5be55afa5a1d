"""Settings. Everything that differs between deployments comes from the environment."""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from incidentportal import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

DEBUG = env.flag("DEBUG")
INSECURE_SECRET_KEY = "insecure-secret-for-development-only"  # noqa: S105  (refused below unless DEBUG is on)
SECRET_KEY = env.text("SECRET_KEY", INSECURE_SECRET_KEY if DEBUG else None)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else None)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
if not DEBUG and (len(SECRET_KEY) < 32 or SECRET_KEY.startswith("insecure")):
    raise ImproperlyConfigured("SECRET_KEY is too weak. With DEBUG off, give at least 32 random characters.")

PAGERDUTY_API_URL = env.address("PAGERDUTY_API_URL", plain_http=env.LOOPBACK if DEBUG else ())
PAGERDUTY_API_TOKEN = env.secret("PAGERDUTY_API_TOKEN")
PAGERDUTY_MAX_ASSIGNEES = env.number("PAGERDUTY_MAX_ASSIGNEES", 1, low=1, high=20)
REHEARSAL_API_URL = env.address("REHEARSAL_API_URL", "")  # plain http will do: no real token is sent there
DELIVERY_WINDOW_MINUTES = env.number("DELIVERY_WINDOW_MINUTES", 30, low=1, high=1440)
DIRECTORY_MAX_AGE_MINUTES = env.number("DIRECTORY_MAX_AGE_MINUTES", 15, low=1, high=1440)
EMERGENCY_CONTACT = env.text("EMERGENCY_CONTACT", "")
WEB_THREADS = env.number("WEB_THREADS", 4, low=1, high=1000)  # of one process; gunicorn.conf.py sets it
PAGERDUTY_WEBHOOK_SECRET = env.text("PAGERDUTY_WEBHOOK_SECRET", "")

INSTALLED_APPS = [
    "incidentportal.incidents",
    "incidentportal.directory",
    "incidentportal.audit",
    "sandbox",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "incidentportal.middleware.wait_once",
    "incidentportal.middleware.refuse_unreadable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "incidentportal.middleware.LogInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "incidentportal.urls"
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
                "incidentportal.http.on_every_page",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "portal"

DATABASES = {"default": env.database(f"sqlite:///{BASE_DIR / 'portal.sqlite3'}")}
CACHES = {"default": env.cache()}
# This check takes a locked SQLite file for a SQLite without JSON. Every SQLite that Django supports has it.
SILENCED_SYSTEM_CHECKS = ["fields.E180"]

AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "incidentportal.log_ins.NoteFailure",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/5m/key"}  # a help desk shares one address
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, low=0, high=10)
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/incidents/new/"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
_PLAIN, _HASHED = "django.contrib.staticfiles.storage.StaticFilesStorage", "incidentportal.static_files.HashedFiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN if DEBUG else _HASHED},
}

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "form-action": [CSP.SELF],
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_FAILURE_VIEW = "incidentportal.incidents.views.csrf_failure.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "incidentportal": {"level": "INFO"},
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # not each address that does not exist
    },
}
