"""Every setting of the site, read from the environment. ``docs/settings.md`` lists them for operators."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from chatsite import secret
from chatsite.filetypes import DANGEROUS
from chatsite.places import size_in_bytes, storage_at, suffixes

# Whatever this process writes is its own user's alone, under whichever umask it was started. What others are to read,
# nginx for one, is given to them by name (places.py, and the static files below).
os.umask(0o077)

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- Where things are kept -------------------------------------------------------------------------------------------

# Database, uploaded files and secret of a site that runs from one folder.
DATA = Path(env.str("CHATSITE_DATA", default="") or BASE_DIR / "var").resolve()

# --- How the site is reached -----------------------------------------------------------------------------------------

PORT = env.int("PORT", default=8000)
# The address that people type. An https address turns on everything that a public site needs; the default is a site
# that only this machine reaches.
SITE_URL = env.str("SITE_URL", default="").rstrip("/") or f"http://127.0.0.1:{PORT}"
PRODUCTION = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or (
    [urlsplit(SITE_URL).hostname or ""] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [SITE_URL] if PRODUCTION else []

# Tracebacks in a browser are for developers: never on unless asked for.
DEBUG = env.bool("DEBUG", default=False)
# One process may make its own key and keep it; several machines must be given the same one (see checks.py).
SECRET_KEY_GIVEN = bool(env.str("SECRET_KEY", default=""))
SECRET_KEY = env.str("SECRET_KEY", default="") or secret.read_or_make(DATA)

# --- What it is made of ----------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "chatsite.apps.ChatsiteConfig",
    "accounts",
    "rooms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "servestatic.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.usersessions",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chatsite.middleware.not_kept",
    # Pages and polls; static files come compressed already. Django pads each answer at random against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "rooms.api.problems.ApiProblemMiddleware",
    "chatsite.middleware.static_files",
    "chatsite.requests.ReadableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chatsite.cookies.RenamedCookieMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SeenMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Innermost, because of what it does to those around it.
    "chatsite.middleware.in_one_thread",
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"

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
                "chatsite.context.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data ------------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA / 'chat.db'}")}
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that will write must say so when it begins: upgrading a read lock fails at once under SQLite.
        "transaction_mode": "IMMEDIATE",
        # Seconds that a writer waits for another's turn.
        "timeout": 20,
        # FULL: a message that was acknowledged survives a power cut; NORMAL would lose it. The triggers that protect
        # the log see a REPLACE as a DELETE only with recursive_triggers.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
        ),
    }
    # A file, because the writer and the readers have threads, and so connections, of their own.
    DATABASES["default"]["TEST"] = {"NAME": DATA / "test.db"}
else:
    # Beside what the address itself asks for, such as ?sslmode=require.
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 2, "max_size": env.int("DATABASE_POOL", default=20)},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The log-in limits count here. With several processes they must count together, and not in Redis, whose absence may
# not stop a log-in: in the database.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if SQLITE
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}
}

REDIS_URL = [url for part in env.list("REDIS_URL", default=[]) if (url := part.strip())]
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": REDIS_URL}}
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
# Seconds after which the people of a process that was killed are no longer shown by the others. Shorter is no gain: a
# process that merely hangs for a moment would be taken for dead.
PRESENCE_LEASE = max(env.float("PRESENCE_LEASE", default=12.0), 1.0)

# --- People ----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.UsernameOrEmailBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LOGIN_URL = "account_login"
# After an explicit log-in people choose a room; the way back to where one was is "/" with a live session.
LOGIN_REDIRECT_URL = "room_list"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
USERSESSIONS_ADAPTER = "accounts.adapters.SessionsAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*"]
# Our rules of who may sign up, in every form by which one can.
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.signup.SignupRules"
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Sessions outlive the browser, without a box to tick.
ACCOUNT_SESSION_REMEMBER = True
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=14 * 24 * 60 * 60)
# Visitors may come in with a display name alone. A site on the open internet decides that for itself.
GUESTS = env.bool("GUESTS", default=not PRODUCTION)
# Terminals and scripts sign in with allauth's headless "app" client; browsers use the pages.
HEADLESS_ONLY = False
HEADLESS_CLIENTS = ("app",)

# --- Mail ------------------------------------------------------------------------------------------------------------

# Without a mail server nobody could confirm an address, so nobody is asked to, and mail is printed.
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# Seconds. Without it a mail server that hangs would keep whoever signs up waiting for good.
EMAIL_TIMEOUT = 10
HAS_MAIL_SERVER = "smtp" in EMAIL_CONFIG["EMAIL_BACKEND"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if HAS_MAIL_SERVER else "none"
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default=f"chatsite@{urlsplit(SITE_URL).hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Talk ------------------------------------------------------------------------------------------------------------

# Off: pages poll once a second instead, for a site whose proxy cannot pass WebSockets.
WEBSOCKETS = env.bool("WEBSOCKETS", default=True)
# Off for a load test only: without them one script can keep a room, or the disk, as full as it likes.
RATE_LIMITS = env.bool("RATE_LIMITS", default=True)
# A person is present where they are looking: entering another room, in any tab or device, moves them there.
ONE_ROOM_AT_A_TIME = env.bool("ONE_ROOM_AT_A_TIME", default=True)

# --- Files -----------------------------------------------------------------------------------------------------------

# Bytes. Of one file, of all that one person has sent, and of all that everybody has; 0 sets no limit to a total.
FILES_MAX_SIZE = size_in_bytes(env.str("FILES_MAX_SIZE", default="100MB"))
FILES_MAX_PER_PERSON = size_in_bytes(env.str("FILES_MAX_PER_PERSON", default="2GB"))
FILES_MAX_TOTAL = size_in_bytes(env.str("FILES_MAX_TOTAL", default="50GB"))
# Ends of names, such as ".txt,.pdf": these alone, or (none given) all but the refused ones.
FILES_ALLOWED = frozenset(suffixes(env.str("FILES_ALLOWED", default="")))
FILES_REFUSED = frozenset(suffixes(env.str("FILES_REFUSED", default="")) or DANGEROUS)
# A folder, or s3://bucket/folder?endpoint=https://… .
FILES_STORAGE = env.str("FILES_STORAGE", default="") or str(DATA / "files")
# Where nginx finds the folder, for it to send the files itself (X-Accel-Redirect); deploy/nginx has it.
FILES_ACCEL = env.str("FILES_ACCEL", default="")

# --- Words and time --------------------------------------------------------------------------------------------------

SITE_NAME = env.str("SITE_NAME", default="Chatsite")
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files ----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": storage_at(FILES_STORAGE),
    "staticfiles": {
        "BACKEND": "chatsite.staticfiles.HashedStaticFilesStorage",
        # For a web server that is asked to send them itself.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
# Nothing asks for the names without a hash; keeping them would double the time of collecting and the space.
SERVESTATIC_KEEP_ONLY_HASHED_FILES = True

# --- Safety ----------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # blob: what the person is about to send, looked at in their own browser.
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
# By these names a browser takes them from this very host alone: no neighbour under the same domain can set them.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("__Host-sessionid", "__Host-csrftoken") if PRODUCTION else ("sessionid", "csrftoken")
)
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
# nginx, or whatever ends TLS in front of daphne, must overwrite this header (deploy/).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
# Proxies in front, each of which adds to X-Forwarded-For the address that it saw: limits count by the one that the
# outermost of ours saw. A public site has one, which ends TLS; anything further left a client may have made up.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)

# --- Log -------------------------------------------------------------------------------------------------------------

# Lines of JSON for the programs that gather the log of several processes; plain ones for people.
LOG_FORMAT = env.str("LOG_FORMAT", default="json" if PRODUCTION else "text")
# Numbers for Prometheus, unencrypted and without a log-in: on a port of their own, which only this machine reaches.
METRICS_PORT = env.int("METRICS_PORT", default=0)
METRICS_HOST = env.str("METRICS_HOST", default="127.0.0.1")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"facts": {"()": "chatsite.log.Facts"}, "refusals": {"()": "chatsite.log.Refusals"}},
    "formatters": {
        "text": {"()": "chatsite.log.TextFormatter", "format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "chatsite.log.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["refusals", "facts"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # A refused request is the caller's mistake and daily bread: only our own mistakes are worth a line.
    "loggers": {"django.request": {"level": "ERROR"}},
}

TESTING = "pytest" in sys.modules
