"""Every setting of the site, read from the environment. ``docs/settings.md`` lists them for operators."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from chatsite.config import secret, values
from chatsite.config.environment import Environment
from chatsite.files import file_settings
from chatsite.files.filetypes import DANGEROUS

# Whatever this process writes is its own user's alone, under whichever umask it was started. What others are to read,
# nginx for one, is given to them by name (files/file_settings.py, and the static files below).
os.umask(0o077)

BASE_DIR = Path(__file__).resolve().parent.parent
env = ENVIRONMENT = Environment()

# --- Where things are kept -------------------------------------------------------------------------------------------

# Database, uploaded files and secret of a site that runs from one folder.
DATA = Path(env.str("CHATSITE_DATA", default="") or BASE_DIR / "var").resolve()

# Requests that a process works on at a time; the next ones wait in turn. Most of them wait for the database's disk.
HTTP_THREADS = 16

# --- How the site is reached -----------------------------------------------------------------------------------------

PORT = env("PORT", values.whole(1, 65_535), default=8000)
# The address that people type. An https address turns on everything that a public site needs; the default is a site
# that only this machine reaches.
SITE_URL = env("SITE_URL", values.site, default=f"http://127.0.0.1:{PORT}")
PRODUCTION = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env(
    "ALLOWED_HOSTS",
    values.listed(values.host_pattern),
    default=[urlsplit(SITE_URL).hostname or ""] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"],
)
CSRF_TRUSTED_ORIGINS = [SITE_URL] if PRODUCTION else []

# Tracebacks in a browser are for developers: never on unless asked for.
DEBUG = env.bool("DEBUG", default=False)

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
    "chatsite.http.middleware.not_kept",
    # Pages and polls; static files come compressed already. Django pads each answer at random against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "chatsite.http.middleware.content_security_policy",
    "api.problems.ApiProblemMiddleware",
    "chatsite.http.middleware.short_addresses",
    "chatsite.http.middleware.static_files",
    "chatsite.http.request_checks.ReadableMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chatsite.http.cookies.RenamedCookieMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SeenMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.DeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "chatsite.http.errors.ReadOnlyMiddleware",
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
                "chatsite.http.context.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data ------------------------------------------------------------------------------------------------------------

# Not by an address: a folder's name may hold what would have to be quoted in one.
OWN_FILE = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA / "chat.db")}
DATABASES = {"default": env("DATABASE_URL", values.database, default=OWN_FILE)}
# Connections of one process. The pool begins with two.
DATABASE_POOL = env("DATABASE_POOL", values.whole(2, 1_000), default=20)
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that will write must say so when it begins: upgrading a read lock fails at once under SQLite.
        "transaction_mode": "IMMEDIATE",
        # Seconds that a writer waits for another's turn.
        "timeout": 20,
        # FULL: a message that was acknowledged survives a power cut; NORMAL would lose it. The triggers that protect
        # the log see a REPLACE as a DELETE only with recursive_triggers. What is deleted is overwritten, so that it is
        # gone from the file, too (chatsite/ops/erasure.py); all writers must, for rows move when others grow.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON; "
            "PRAGMA secure_delete=ON;"
        ),
    }
    # Each thread keeps its connection: a new one with its pragmas would cost each request a millisecond.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    # A file, because the writer and the readers have threads, and so connections, of their own.
    DATABASES["default"]["TEST"] = {"NAME": DATA / "test.db"}
else:
    # Beside what the address itself asks for, such as ?sslmode=require.
    DATABASES["default"]["OPTIONS"] = {
        # Seconds. Without it, whoever asks a machine that swallows everything waits for minutes.
        "connect_timeout": 5,
        **DATABASES["default"].get("OPTIONS", {}),
        "pool": {"min_size": 2, "max_size": DATABASE_POOL},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The log-in limits count here. With several processes they must count together, and not in Redis, whose absence may
# not stop a log-in: in the database. Nothing may push a count out: a million entries (some 500 MB) are more than a
# process answers requests within the minutes for which they are kept, and the table has no bound but those minutes.
CACHES = {
    "default": {"BACKEND": "chatsite.counters.LastingLocMemCache", "OPTIONS": {"MAX_ENTRIES": 1_000_000}}
    if SQLITE
    else {"BACKEND": "chatsite.counters.LastingDatabaseCache", "LOCATION": "django_cache"}
}

REDIS_URL = env("REDIS_URL", values.listed(values.redis), default=[])
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": REDIS_URL}}
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}
# Whoever loses DATABASE_URL on the way, in a shell for one, must not be given an empty file that answers.
if DATABASES["default"] is OWN_FILE and (PRODUCTION or REDIS_URL):
    env.wrong.append(
        "DATABASE_URL is not set, and this is a public site, or one of several processes: it takes "
        f"postgresql://user:password@host:5432/name or, where a file is meant, sqlite:///{OWN_FILE['NAME']}. "
        "bin/chatsite runs a command with the settings that the site has."
    )
# Seconds after which the people of a process that was killed are no longer shown by the others. Shorter is no gain: a
# process that merely hangs for a moment would be taken for dead.
PRESENCE_LEASE = env("PRESENCE_LEASE", values.decimal(1, 3_600), default=12.0)

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
# Who finds a browser open changes no address without the password (pages and app client).
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.reset_tokens.ResetTokens"  # noqa: S105
ACCOUNT_RATE_LIMITS = {
    # The password is asked here, too: not to be guessed by who has found a browser open.
    "change_password": "5/m/user,20/h/user",
    "reauthenticate": "10/m/user,30/h/user",
}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Sessions outlive the browser, without a box to tick.
ACCOUNT_SESSION_REMEMBER = True
SESSION_COOKIE_AGE = env("SESSION_COOKIE_AGE", values.whole(60, 10 * 366 * 24 * 60 * 60), default=14 * 24 * 60 * 60)
# However much they are used: whoever has stolen one does not have it for ever.
SESSION_MAX_AGE = env("SESSION_MAX_AGE", values.whole(60, 10 * 366 * 24 * 60 * 60), default=90 * 24 * 60 * 60)
SESSION_ENGINE = "accounts.sessionstore"
# Visitors may come in with a display name alone. A site on the open internet decides that for itself.
GUESTS = env.bool("GUESTS", default=not PRODUCTION)
# Terminals and scripts sign in with allauth's headless "app" client; browsers use the pages.
HEADLESS_ONLY = False
HEADLESS_CLIENTS = ("app",)

# --- Mail ------------------------------------------------------------------------------------------------------------

# Without a mail server nobody could confirm an address, so nobody is asked to. Mail is then thrown away: printed, its
# links would open accounts to whoever reads the log. (`make run` prints it on its terminal: embedded.py.)
EMAIL_CONFIG = env("EMAIL_URL", values.mail_server, default=values.mail_server("dummymail://"))
vars().update(EMAIL_CONFIG)
# Seconds that each word of the mail server may take.
EMAIL_TIMEOUT = 10
HAS_MAIL_SERVER = "smtp" in EMAIL_CONFIG["EMAIL_BACKEND"]
if HAS_MAIL_SERVER:
    # Nobody's answer waits for a mail server, and mail waits for one that is away.
    EMAIL_BACKEND = "chatsite.outbox.EmailBackend"
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if HAS_MAIL_SERVER else "none"
# What happens to an account is told to its address.
ACCOUNT_EMAIL_NOTIFICATIONS = HAS_MAIL_SERVER
DEFAULT_FROM_EMAIL = env("MAIL_FROM", values.mail_address, default=f"chatsite@{urlsplit(SITE_URL).hostname}")
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
FILES_MAX_SIZE = env("FILES_MAX_SIZE", file_settings.size_of_something, default=100 * 1024**2)
FILES_MAX_PER_PERSON = env("FILES_MAX_PER_PERSON", file_settings.size_in_bytes, default=2 * 1024**3)
FILES_MAX_TOTAL = env("FILES_MAX_TOTAL", file_settings.size_in_bytes, default=50 * 1024**3)
# Ends of names, such as ".txt,.pdf": these alone, or (none given) all but the refused ones.
FILES_ALLOWED = frozenset(env("FILES_ALLOWED", file_settings.suffixes, default=()))
FILES_REFUSED = frozenset(env("FILES_REFUSED", file_settings.suffixes, default=DANGEROUS))
# A folder, or s3://bucket/folder?endpoint=https://… .
FILES_STORAGE = env("FILES_STORAGE", file_settings.folder_or_bucket, default=str(DATA / "files"))
# Where nginx finds the folder, for it to send the files itself (X-Accel-Redirect); deploy/nginx has it.
FILES_ACCEL = env("FILES_ACCEL", values.path_of_address, default="")

# --- Backups ---------------------------------------------------------------------------------------------------------

# Where `manage.py backup` puts those that are given no name, and where the doctor and the metrics look for them.
BACKUP_FOLDER = env("BACKUP_FOLDER", values.folder, default=None)

# --- Words and time --------------------------------------------------------------------------------------------------

SITE_NAME = env("SITE_NAME", values.words, default="Chatsite")
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
    "default": file_settings.storage_at(FILES_STORAGE),
    "staticfiles": {
        "BACKEND": "chatsite.assets.staticfiles.HashedStaticFilesStorage",
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
# Bytes of a form or of JSON: twice the longest message, with every character escaped. Reading one takes 20 ms. Files
# come in by other ways, which count for themselves.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PRODUCTION
# By these names a browser takes them from this very host alone: no neighbour under the same domain can set them.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("__Host-sessionid", "__Host-csrftoken") if PRODUCTION else ("sessionid", "csrftoken")
)
# By which a device that has signed in before is known (accounts/known_devices.py).
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
# What binds the names below the site's as well, and for good: whoever owns the domain decides that.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# nginx, or whatever ends TLS in front of daphne, must overwrite this header (deploy/).
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
# Proxies in front, each of which adds to X-Forwarded-For the address that it saw: limits count by the one that the
# outermost of ours saw. A public site has one, which ends TLS; anything further left a client may have made up.
ALLAUTH_TRUSTED_PROXY_COUNT = env("TRUSTED_PROXIES", values.whole(0, 10), default=1 if PRODUCTION else 0)

# --- Log -------------------------------------------------------------------------------------------------------------

# Lines of JSON for the programs that gather the log of several processes; plain ones for people.
LOG_FORMAT = env("LOG_FORMAT", values.one_of("json", "text"), default="json" if PRODUCTION else "text")
# Numbers for Prometheus, unencrypted and without a log-in: on a port of their own, which only this machine reaches.
METRICS_PORT = env("METRICS_PORT", values.whole(0, 65_535), default=0)
METRICS_HOST = env("METRICS_HOST", values.machine, default="127.0.0.1")

LOG_LEVEL = env("LOG_LEVEL", values.one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="WARNING")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "facts": {"()": "chatsite.ops.logs.Facts"},
        "refusals": {"()": "chatsite.ops.logs.Refusals"},
        "out_of_reach": {"()": "chatsite.ops.logs.OutOfReach"},
    },
    "formatters": {
        "text": {
            "()": "chatsite.ops.logs.TextFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "chatsite.ops.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["refusals", "facts"]}
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # A refused request is the caller's mistake and daily bread: only our own mistakes are worth a line.
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["out_of_reach"]},
        "channels_redis.pubsub": {"filters": ["out_of_reach"]},
    },
}

# --- The key ---------------------------------------------------------------------------------------------------------

# One process may make its own key and keep it; several machines must be given the same one (see checks.py).
SECRET_KEY = env("SECRET_KEY", values.key, default="")
SECRET_KEY_GIVEN = bool(SECRET_KEY)
# Everything has been read. What is wrong ends the start here, before anything is made.
env.refuse_wrong()
SECRET_KEY = SECRET_KEY or secret.read_or_make(DATA)

TESTING = "pytest" in sys.modules
