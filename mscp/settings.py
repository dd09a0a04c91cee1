"""The one settings module. Everything that differs between machines is read from the environment.

The safe value is always the default: with nothing set, the process refuses to start rather than
run with a known key or answer to any host. docs/deployment.md lists the variables.
"""

import gc
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from mscp import environment as env
from mscp.observing import logs

# New objects after which the youngest are looked through for garbage. Loading the site makes
# 110,000 that stay: at Python's 700 they are looked through 250 times, a sixth of the time that a
# process takes to start. gunicorn.conf.py sets it for pages.
gc.set_threshold(50_000)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR") or BASE_DIR / "var").resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG", default=False)

SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random string (docs/deployment.md).")

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS and not DEBUG:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the names this site answers to.")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; * would answer to any.")

# Off only if nothing encrypts the connection to the browser, as on one's own machine.
HTTPS = env.flag("HTTPS", default=not DEBUG)

# The number of our own reverse proxies; their X-Forwarded headers are trusted, no others.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", default=0)

# Threads of each server process; gunicorn.conf.py reads it too.
WEB_THREADS = env.number("WEB_THREADS", default=16)

INSTALLED_APPS = [
    "mscp.apps.SiteConfig",
    "reviews",
    "training",
    "simple_history",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "mscp.apps.StaffAdminConfig",  # django.contrib.admin, with our order and sign-in
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",  # after the admin, whose widget templates it also has
]

MIDDLEWARE = [
    "mscp.observing.requests.ObservedMiddleware",
    "mscp.web.middleware.HostMiddleware",
    "mscp.web.middleware.HeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "mscp.web.middleware.SecurityHeadersMiddleware",
    "mscp.site.health.HealthMiddleware",
    # Below the probes, and above all that asks the database.
    "mscp.site.readiness.ReadinessMiddleware",
    "mscp.web.middleware.NulMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mscp.web.middleware.OtherSitesMiddleware",
    # In place of Django's ConditionalGetMiddleware. A page in the cache is answered here.
    "mscp.cache.pages.PageCacheMiddleware",
    "mscp.web.middleware.SessionKeyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mscp.editing.second_factor.SecondFactorMiddleware",
    "mscp.web.middleware.SessionLoadMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "mscp.web.middleware.CachePolicyMiddleware",
    # Below the policy, which no browser may keep a redirect beyond: staff can correct one.
    "mscp.web.redirects.RedirectMiddleware",
    "mscp.web.middleware.BodyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "mscp.urls"
# The site is at the root of its host. Otherwise the SCRIPT_NAME of a request, which some servers
# take from a header, would be put before every link.
FORCE_SCRIPT_NAME = ""
WSGI_APPLICATION = "mscp.wsgi.application"

# The site's own pages are Jinja2's, sign-in included. The admin, its widgets and the templates of
# packages are Django's, with our own in templates/django/.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "mscp.site.jinja.environment",
            "context_processors": [
                "django.contrib.auth.context_processors.auth",
                "mscp.web.context_processors.site",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "django"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mscp.web.context_processors.site",
            ],
            "builtins": ["mscp.templatetags.site", "django.templatetags.static"],
        },
    },
]


FORM_RENDERER = "mscp.web.form_renderer.FormRenderer"

_DATABASE_URL = env.text("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'site.sqlite3'}"
DATABASES = {
    "default": dj_database_url.parse(_DATABASE_URL, conn_max_age=60, conn_health_checks=True)
}
_IN_THE_URL: dict[str, Any] = DATABASES["default"].get("OPTIONS", {})
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers and the one writer do not block each other (WAL), and a transaction that will write
    # waits at its start instead of failing half way (IMMEDIATE). Every commit is on disk before
    # it is confirmed (FULL): with NORMAL a power cut may undo the last ones, and a withdrawal
    # could come back (https://www.sqlite.org/pragma.html#pragma_synchronous). What is deleted is
    # overwritten with zeros (secure_delete), so that no copy of the file holds it. Each thread has
    # a connection, and keeps half a megabyte of pages: at the default of two, two workers under
    # load took 315 MB rather than 281, and no page was quicker, since the system keeps the file.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; "
            "PRAGMA cache_size=-512;"
        ),
        **_IN_THE_URL,
    }
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A pool for each process, opened at its first query and so after the fork. A thread takes a
    # connection for one request; idle ones are closed after a minute.
    from mscp.database.pools import PooledConnection

    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        # A statement that a page runs for the second time is prepared (mscp/database/prepared.py),
        # and its plan kept. Otherwise PostgreSQL plans anew, for the values of each run, whatever
        # it thinks would profit: 8 of the home page's 11 queries, which take 4.5 ms then and 2.9
        # so. Compiling a plan (jit) takes longer than any query of a page.
        "prepare_threshold": 1,
        "options": "-c plan_cache_mode=force_generic_plan -c jit=off",
        "pool": {
            "connection_class": PooledConnection,
            "min_size": 1,
            "max_size": max(1, env.number("DATABASE_CONNECTIONS", default=WEB_THREADS)),
            "max_idle": 60,
            # Seconds that a request waits for a connection before it is answered with 503; and
            # after which an attempt to connect is given up, so that the next request makes a new
            # one instead of waiting for a growing delay.
            "timeout": 5,
            "reconnect_timeout": 5,
        },
        **_IN_THE_URL,
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in attempts are counted here, so all workers must share the count.
CACHES = {
    "default": {
        "BACKEND": "mscp.cache.shared.SharedCache",
        "LOCATION": "cache",
        # Beyond it a third of the entries is deleted in alphabetical order, current counts
        # included. Django's default is 300.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Page cache in the memory of each process (mscp/cache/pages.py), in bytes; 0 turns it off.
# CACHE_URL is a Redis through which processes and machines share it.
PAGE_CACHE_BYTES = env.number("PAGE_CACHE_MB", default=64) * 1024 * 1024
CACHE_URL = env.text("CACHE_URL")
if CACHE_URL:
    if not find_spec("redis"):
        raise ImproperlyConfigured(
            "CACHE_URL needs redis: pip install --require-hashes -r requirements-redis.txt"
        )
    from mscp.cache.redis import backend

    CACHES["pages"] = backend(CACHE_URL)

# --- files -----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Uploads have no URL of their own: MEDIA_URL is routed nowhere, and every file is served by a view
# behind the publication gate.
MEDIA_ROOT = DATA_DIR / "uploads"
MEDIA_URL = "/-/"

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "mscp.files.storage.DurableStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Uploads in a private bucket, if there is one; boto3 itself reads the keys (AWS_…).
S3_BUCKET = env.text("S3_BUCKET")
S3_ENDPOINT_URL = env.text("S3_ENDPOINT_URL")
S3_REGION = env.text("S3_REGION")
if S3_BUCKET:
    if not find_spec("storages") or not find_spec("boto3"):
        raise ImproperlyConfigured(
            "S3_BUCKET needs django-storages: pip install --require-hashes -r requirements-s3.txt"
        )
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": S3_ENDPOINT_URL or None,
            "region_name": S3_REGION or None,
            "signature_version": "s3v4",
            "default_acl": None,  # as private as the bucket
            "file_overwrite": False,
            # Every link is signed behind the gate, so it need only outlive the redirect.
            "querystring_auth": True,
            "querystring_expire": 60,
            # A file that the site reads back is buffered on disk beyond this; by default all in
            # memory.
            "max_memory_size": 1024 * 1024,
        },
    }

# The internal location of nginx that serves MEDIA_ROOT, as in docs/nginx.conf; empty for none.
X_ACCEL_PREFIX = env.text("X_ACCEL_PREFIX")
if X_ACCEL_PREFIX and not (
    len(X_ACCEL_PREFIX) > 2 and X_ACCEL_PREFIX.startswith("/") and X_ACCEL_PREFIX.endswith("/")
):
    raise ImproperlyConfigured(
        f"X_ACCEL_PREFIX must begin and end with /, as /protected/, not {X_ACCEL_PREFIX!r}."
    )
# The account that nginx runs as; empty for the usual one of this system.
NGINX_USER = env.text("NGINX_USER")
# The first prevents an endless upload from filling the disk.
FILE_UPLOAD_HANDLERS = [
    "reviews.uploads.StopAtLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# Uploads in progress, which may be unredacted drafts: a folder that no other account can read.
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "tmp"
FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
# Bytes: one file, and that with the rest of its form; docs/nginx.conf has the latter too.
LARGEST_FILE = 50 * 1024 * 1024
LARGEST_REQUEST = 60 * 1024 * 1024
# What a form of staff may have without its files: bytes of text, and fields. A course page with its
# sessions, or a publication with twelve documents, is one large form. Four hundred sessions have
# 5,600 fields.
LARGEST_FORM = 5 * 1024 * 1024
MOST_FIELDS = 10_000
# What is read of a form, which is then refused for more than that and kept for whoever typed it.
# What its script sends to be kept has up to three characters for a byte. Visitors send nothing, and
# a form around signing in is bounded by its length (mscp.web.middleware).
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2 * MOST_FIELDS
# Each row of a form has an input for a file, mostly empty, and is counted.
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000

# --- language and time -----------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
# Input formats of dates and times: mscp/formats/en_GB.
FORMAT_MODULE_PATH = ["mscp.formats"]
TIME_ZONE = "Europe/London"
# The clock that decides what is public: the one that all machines share (mscp.database.clock).
CLOCK = "database"
# Seconds after which a process checks again that the triggers which report changes exist
# (mscp/cache/versions.py). Without them it caches nothing.
TRIGGERS_CHECKED_EVERY = 60
USE_I18N = True
USE_TZ = True

# --- sign-in ---------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
ACCOUNT_ADAPTER = "mscp.editing.accounts.StaffAccountAdapter"
ACCOUNT_FORMS = {"login": "mscp.editing.accounts.SignInForm"}
# By name only: with both, a wrong password is tried twice if the address is known, and the time
# it takes would disclose who has an account.
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    # Five wrong passwords lock an account for one IP address for five minutes (the key is both),
    # ten a minute lock an IP address, and sixty in ten minutes lock an account for all.
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_anywhere": "60/10m/key",
    "reset_password": "10/m/ip,3/10m/key",
}
# The name of the partnership stands in each mail instead (mscp/editing/mails.py).
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
# Whether staff need a code or a passkey beside their password (mscp/editing/second_factor.py).
SECOND_FACTOR = env.flag("SECOND_FACTOR", default=not DEBUG)
MFA_ADAPTER = "mscp.editing.second_factor.StaffMFAAdapter"
MFA_FORMS = {
    "authenticate": "mscp.editing.code_forms.AuthenticateForm",
    "reauthenticate": "mscp.editing.code_forms.ReauthenticateForm",
    "activate_totp": "mscp.editing.code_forms.ActivateTOTPForm",
    "add_webauthn": "mscp.editing.code_forms.AddWebAuthnForm",
    "authenticate_webauthn": "mscp.editing.code_forms.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": "mscp.editing.code_forms.ReauthenticateWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A telephone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Addresses are those an administrator gave; nobody confirms one.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "mscp.web.errors.csrf_failure"

# --- security --------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
# Both apply to hosts that are not this site's, and cannot be undone for a year or longer.
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and env.flag("HSTS_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = HTTPS and env.flag("HSTS_PRELOAD", default=False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured("HSTS_PRELOAD needs HSTS_SUBDOMAINS: the preload list demands it.")
# The two warnings that ask for them: whether all hosts of a domain have HTTPS is not ours to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [
    f"https://{'*' if host.startswith('.') else ''}{host}" for host in ALLOWED_HOSTS if HTTPS
]

# One constant header, so no package: Django 6.0 takes the same dictionary as SECURE_CSP.
CONTENT_SECURITY_POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()"
)

# --- publishing ------------------------------------------------------------------------------

# Something goes live only when somebody other than its author approved it (docs/deployment.md).
TWO_PEOPLE = env.flag("TWO_PEOPLE", default=not DEBUG)

# --- history, mail, logs ---------------------------------------------------------------------

# Reverting to an old version would publish it without the publish permission.
SIMPLE_HISTORY_REVERT_DISABLED = True

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST")
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST = env.text("EMAIL_HOST")
# Seconds that a request waits for the mail server; by default without end.
EMAIL_TIMEOUT = 10
EMAIL_PORT = env.number("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", default=True)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "webmaster@localhost")

LOG_FORMAT = env.text("LOG_FORMAT") or ("text" if DEBUG else "json")
if LOG_FORMAT not in ("json", "text"):
    raise ImproperlyConfigured(f"LOG_FORMAT must be json or text, not {LOG_FORMAT!r}.")
LOGGING = logs.settings_for(LOG_FORMAT)
# Milliseconds from which a request or a query is logged as slow; 0: none is.
SLOW_REQUEST_MS = env.number("SLOW_REQUEST_MS", default=2_000)
SLOW_QUERY_MS = env.number("SLOW_QUERY_MS", default=500)
# Where Prometheus asks; 0: nowhere. gunicorn.conf.py reads it too.
METRICS_PORT = env.number("METRICS_PORT", default=0)
METRICS_HOST = env.text("METRICS_HOST", "127.0.0.1")
