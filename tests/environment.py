"""Loaded before Django reads its settings: every test process has a data folder of its own and the default settings.

Only DATABASE_URL is let through, by which ``make test`` runs the rules on PostgreSQL.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

SETTINGS = (
    "ALLOWED_HOSTS", "BACKUP_FOLDER", "DATABASE_POOL", "DEBUG", "EMAIL_URL", "FILES_ACCEL", "FILES_ALLOWED",
    "FILES_MAX_PER_PERSON", "FILES_MAX_SIZE", "FILES_MAX_TOTAL", "FILES_REFUSED", "FILES_STORAGE", "GUESTS",
    "HSTS_INCLUDE_SUBDOMAINS", "HSTS_PRELOAD",
    "LOG_FORMAT", "LOG_LEVEL", "MAIL_FROM",
    "METRICS_HOST", "METRICS_PORT", "ONE_ROOM_AT_A_TIME",
    "PORT", "PRESENCE_LEASE", "REDIS_URL", "SECRET_KEY", "SESSION_COOKIE_AGE", "SESSION_MAX_AGE", "SITE_NAME",
    "SITE_URL", "TRUSTED_PROXIES", "WEBSOCKETS",
)  # fmt: skip

DATA = Path(tempfile.mkdtemp(prefix="chatsite-tests-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
# ServeStatic warns of a folder that is not there.
(DATA / "static").mkdir()

for name in SETTINGS:
    os.environ.pop(name, None)
os.environ["CHATSITE_DATA"] = str(DATA)
# Every test process loads all tests, and every server the whole site: without kept bytecode each compiles them anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
