"""Settings, read from the environment and from `.env` where there is one.

README.md lists the variables. A missing or malformed one stops the start with one line.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, ValidationError, validate

from trendsite.logs import log_configuration

# Classes of Django whose types are generic only for the type checker accept `[…]` from here on.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(BASE_DIR / ".env", recurse=False)


# What a request may name as its host, as Django sees it.
_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]", re.IGNORECASE)


def _is_site(value: str) -> None:
    """Refuse anything but a scheme and a host, as in `https://example.org`."""
    try:
        parts = urlsplit(value)
        site = f"{parts.scheme}://{parts.netloc}" if parts.hostname and parts.port != 0 else ""
    except ValueError:  # a port or an address in brackets that is none
        site = ""
    host = site.rpartition("//")[2]
    is_host = _HOST.fullmatch(host.removesuffix(f":{parts.port}")) if site else None
    if value != site or not is_host or parts.scheme not in {"http", "https"}:
        raise ValidationError(f"{value!r}: write scheme and host, as https://trends.example.org")


def _is_time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(f"{value!r}: write an IANA name, as Asia/Tokyo")


def _is_purge_url(value: str) -> None:
    begins = value.startswith(("{url}", "http://", "https://"))
    # Of other names and of single braces an address cannot be made.
    rest = re.sub(r"\{(url|host|path)\}", "", value)
    is_named = "{url}" in value or "{path}" in value
    if value and not (begins and is_named and not set("{}") & set(rest)):
        raise ValidationError(f"{value!r}: write an address with {{url}} or {{path}}")


def _is_method(value: str) -> None:
    if not re.fullmatch(r"[A-Za-z]{1,20}", value):
        raise ValidationError(f"{value!r}: write an HTTP method, as PURGE")


def _is_header(value: str) -> None:
    if value and not re.fullmatch(r"[A-Za-z0-9-]+:[^\r\n]+", value):
        raise ValidationError("write a name and a value, as Fastly-Key: 7f3a")


def _is_month(value: int | None) -> None:
    if value is not None and not 1 <= value <= 12:
        raise ValidationError(f"{value!r}: write the number of a month, 1 to 12")


def _are_hosts(value: list[str]) -> None:
    for host in value:
        if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?", host):
            raise ValidationError(f"{host!r}: write a host without scheme, as video.example.org")


def _are_allowed_hosts(value: list[str]) -> None:
    hosts = [host.strip() for host in value]
    for host in filter(None, hosts):
        if host != "*" and not _HOST.fullmatch(host):
            raise ValidationError(
                f"{host!r}: write a host without scheme and port, as trends.example.org"
            )
    if not any(hosts):
        raise ValidationError("write at least one host")


def _check_database(variable: str, database: Any) -> None:  # Any: as dj_database_url has it
    engine, name = database["ENGINE"].rpartition(".")[2], database["NAME"]
    # Each thread would have a database in memory of its own.
    if engine not in ("sqlite3", "postgresql") or name in ("", ":memory:"):
        form = "write sqlite:///path or postgres://user:password@host/name"
        raise EnvError(f'Environment variable "{variable}" invalid: {form}')


def _is_bucket(value: str) -> None:
    if value and not re.fullmatch(r"[A-Za-z0-9._-]{1,255}", value):
        raise ValidationError(f"{value!r}: write the name of a bucket, as trends")


def _is_endpoint(value: str) -> None:
    if value and not re.match(r"https?://[^/\s]", value):
        raise ValidationError(f"{value!r}: write its address, as https://s3.example.org")


def _is_folder(value: Path) -> None:
    if value == Path():
        raise ValidationError("write the path of a folder")


def _is_admin_path(value: str) -> None:
    """Refuse anything but one segment of a path that has no other use."""
    taken = {"api", "media", "static"}
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{4,49}", value) or value in taken:
        raise ValidationError(
            f"{value!r}: write 5 to 50 small letters, digits and hyphens, as editors-7f3a"
        )


try:
    SECRET_KEY = env.str(
        "SECRET_KEY", validate=validate.Length(50, error="Write {min} random characters or more.")
    )
    DEBUG = env.bool("DEBUG", False)
    PORT = env.int("PORT", 8000, validate=validate.Range(1, 65535))
    SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{PORT}", validate=_is_site)
    _site = urlsplit(SITE_URL)
    ALLOWED_HOSTS = env.list(
        "ALLOWED_HOSTS",
        [_site.hostname or "", "127.0.0.1", "localhost"],
        validate=_are_allowed_hosts,
    )
    ALLOWED_HOSTS = [host.strip() for host in ALLOWED_HOSTS if host.strip()]
    DATABASES = {
        "default": env.dj_db_url(
            "DATABASE_URL",
            f"sqlite:///{BASE_DIR}/var/trendsite.sqlite3",
            conn_max_age=60,
        )
    }
    _check_database("DATABASE_URL", DATABASES["default"])
    if env.str("REPLICA_URL", ""):
        DATABASES["replica"] = env.dj_db_url("REPLICA_URL", conn_max_age=60)
        _check_database("REPLICA_URL", DATABASES["replica"])
    DATABASE_POOL = env.int("DATABASE_POOL", 0, validate=validate.Range(0, 1000))
    MEDIA_ROOT = env.path("MEDIA_ROOT", BASE_DIR / "var" / "media", validate=_is_folder)
    MEDIA_BUCKET = env.str("MEDIA_BUCKET", "", validate=_is_bucket)
    MEDIA_BUCKET_ENDPOINT = env.str("MEDIA_BUCKET_ENDPOINT", "", validate=_is_endpoint)
    TIME_ZONE = env.str("TIME_ZONE", "UTC", validate=_is_time_zone)
    FISCAL_YEAR_START = env.int("FISCAL_YEAR_START", None, validate=_is_month)
    RECENT_DAYS = env.int("RECENT_DAYS", 30, validate=validate.Range(1, 3650))
    PEERTUBE_HOSTS: list[str] = env.list("PEERTUBE_HOSTS", [], validate=_are_hosts)
    VIDEO_LOOKUP = env.bool("VIDEO_LOOKUP", True)
    REVIEW_DAYS = env.int("REVIEW_DAYS", 180, validate=validate.Range(1, 3650))
    BIN_DAYS = env.int("BIN_DAYS", 90, validate=validate.Range(1, 3650))
    TRUSTED_PROXIES = env.list(
        "TRUSTED_PROXIES", ["127.0.0.1", "::1"] if _site.scheme == "https" else []
    )
    PURGE_URL = env.str("PURGE_URL", "", validate=_is_purge_url)
    PURGE_METHOD = env.str("PURGE_METHOD", "PURGE", validate=_is_method)
    PURGE_HEADER = env.str("PURGE_HEADER", "", validate=_is_header)
    SHARED_CACHE_SECONDS = env.int("SHARED_CACHE_SECONDS", 1, validate=validate.Range(0, 31536000))
    UPLOAD_MEGABYTES = env.int("UPLOAD_MEGABYTES", 15, validate=validate.Range(1, 1000))
    LOG_LEVEL = env.str(
        "LOG_LEVEL", "INFO", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])
    )
    LOG_FORMAT = env.str("LOG_FORMAT", "line", validate=validate.OneOf(["line", "json"]))
    SLOW_QUERY_MILLISECONDS = env.int("SLOW_QUERY_MILLISECONDS", 0, validate=validate.Range(min=0))
    SENTRY_DSN = env.str("SENTRY_DSN", "")
    MIN_FREE_MEGABYTES = env.int("MIN_FREE_MEGABYTES", 200, validate=validate.Range(min=0))
    ADMIN_PATH = env.str("ADMIN_PATH", "admin", validate=_is_admin_path)
    SECOND_FACTOR = env.str(
        "SECOND_FACTOR", "optional", validate=validate.OneOf(["optional", "required"])
    )
    HSTS_SECONDS = env.int("HSTS_SECONDS", 365 * 24 * 60 * 60, validate=validate.Range(min=0))
    HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", False)
    HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
except EnvError as error:
    raise ImproperlyConfigured(" ".join(str(error).split())) from error

INSTALLED_APPS = [
    "trends",  # before modeltranslation, which has a loaddata of its own
    "modeltranslation",  # before the admin, whose forms it extends, and limits on translated texts
    "quotes",
    "trendsite.shared",
    "trendsite.kept",
    "trendsite.accounts",
    "trendsite.apps.ProjectConfig",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_otp_webauthn",
    "csp",
    "trendsite.apps.EditorsSiteConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.forms",  # with FORM_RENDERER: widgets have templates of ours
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "trendsite.middleware.IsolationMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "trendsite.middleware.PublishDueMiddleware",
    "trendsite.middleware.TextGZipMiddleware",
    "trendsite.middleware.UsualAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "trendsite.middleware.AddressLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
    "trendsite.request_bodies.RequestBodyMiddleware",
]

ROOT_URLCONF = "trendsite.urls"
WSGI_APPLICATION = "trendsite.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "trendsite.template_files.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

FORM_RENDERER = "trendsite.shared.form_renderer.FormRenderer"

# Database

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue instead of failing: a deferred transaction that turns into a writing
        # one cannot wait for the lock.
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        ),
    }
    # A file and not memory, since browser tests read it from the server's threads.
    DATABASES["default"]["TEST"] = {"NAME": BASE_DIR / "var" / "test.sqlite3"}
    if "replica" in DATABASES:
        raise ImproperlyConfigured("REPLICA_URL: only PostgreSQL has replicas; set DATABASE_URL")
else:
    for _database in DATABASES.values():
        _database["CONN_HEALTH_CHECKS"] = True
        # So that a dead server or a lock blocks a thread for a few seconds only. To compile a long
        # query (JIT) takes ten times as long as to run it.
        _database["OPTIONS"] = {
            "connect_timeout": 3,
            "options": "-c lock_timeout=10s -c jit=off",
            "tcp_user_timeout": 5000,
            **_database.get("OPTIONS", {}),
        }
        if DATABASE_POOL:
            _database["CONN_MAX_AGE"] = 0  # returns the connection to the pool after each request
            _database["OPTIONS"]["pool"] = {
                "min_size": 1,
                "max_size": DATABASE_POOL,
                "timeout": 3,
                # By default the pauses between attempts grow to minutes.
                "reconnect_timeout": 2,
            }

# Languages: to add one, add it here, then run makemigrations and makemessages.

LANGUAGES = [("en", "English"), ("ja", "日本語")]
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "trendsite" / "locale"]
USE_I18N = True
USE_TZ = True
MODELTRANSLATION_FALLBACK_LANGUAGES = tuple(code for code, name in LANGUAGES)

# Files

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "trendsite.shared.files.WholeFileStorage"},
    "staticfiles": {"BACKEND": "trendsite.static_files.CollectedFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # for what is not collected yet
if MEDIA_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "trendsite.shared.buckets.BucketStorage",
        "OPTIONS": {
            "bucket_name": MEDIA_BUCKET,
            "endpoint_url": MEDIA_BUCKET_ENDPOINT or None,
            "querystring_auth": False,
        },
    }
FIXTURE_DIRS = [BASE_DIR / "fixtures"]
SERIALIZATION_MODULES = {
    "yaml": "trends.fixture_format.serializer",
    "yml": "trends.fixture_format.serializer",
}

# Requests to other sites go to public addresses only; tests set it to serve “other sites” locally.
FETCH_LOOPBACK = False

# Accounts, which only editors have. Their cookies are not sent to readers' pages.

SESSION_ENGINE = "trendsite.accounts.sessions"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"/{ADMIN_PATH}/"
LOGIN_URL, LOGIN_REDIRECT_URL = "admin:login", "admin:index"
# A cookie of messages would have the path "/", and no setting changes that.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "trendsite.admin_site.csrf_failure"
# A trend with all its parts is one form; Django's default of 1,000 fields is some sixty rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# For a whole request, with files; see trendsite.request_bodies. One picture may have 10 MB.
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_MEGABYTES * 1024**2
REQUEST_BODY_SECONDS = 30

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first, since checking a password is slow
    "django.contrib.auth.backends.ModelBackend",
]
# Ten failures of one account, or from one address, and neither can log in for 15 minutes.
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # an attacker must not keep an editor out
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "trendsite.logins.client_address"
AXES_LOCKOUT_CALLABLE = "trendsite.logins.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # addresses of successful logins are not stored
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

OTP_TOTP_ISSUER = OTP_WEBAUTHN_RP_NAME = "Trendsite"
OTP_WEBAUTHN_RP_ID = _site.hostname
OTP_WEBAUTHN_ALLOWED_ORIGINS = [SITE_URL]
OTP_WEBAUTHN_ALLOW_PASSWORDLESS_LOGIN = False  # a passkey is the second step, after a password

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Security headers. The same policy holds for readers' pages and the admin.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"

# HSTS for other hosts of the domain is the operator's decision (README, "Settings").
# Passkeys need https, without which they are not offered.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "otp_webauthn.E031"]

if _site.scheme == "https":
    # The proxy that ends TLS sets this header and drops the client's own (README, "Deploy").
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [
        r"^(healthz|readyz|metrics)$"
    ]  # monitoring on the same network asks them without TLS
    SECURE_HSTS_SECONDS = HSTS_SECONDS
    SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS_INCLUDE_SUBDOMAINS
    SECURE_HSTS_PRELOAD = HSTS_PRELOAD
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    # With this prefix no other host of the domain can set them; browsers ask for "/" (decision 33).
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/"
    LANGUAGE_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [SITE_URL]

# To standard error, whatever DEBUG is.

LOGGING = log_configuration(LOG_LEVEL, LOG_FORMAT)

# `make dev`

if DEBUG:  # which needs requirements-dev.txt
    INSTALLED_APPS.append("debug_toolbar")
    MIDDLEWARE.insert(0, "debug_toolbar.middleware.DebugToolbarMiddleware")
    INTERNAL_IPS = ["127.0.0.1"]
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
