"""The log: JSON lines for a public site, plain ones for people; each names the request or connection it belongs to.

What people write, tokens, cookies and query strings are in none of them.
"""

import json
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# Of the request or connection that is being served: request_id, connection_id, user_id.
_facts: ContextVar[dict[str, str] | None] = ContextVar("log_facts", default=None)

REQUEST_ID = b"x-request-id"
# What a proxy gives: longer ones, or any that could break a line apart, are not taken.
SANE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

# PostgreSQL shows the row that it refuses, and with it what somebody wrote.
ROW_SHOWN = re.compile(r"^DETAIL:.*?(?=^\n(?:The above exception|During handling)|\Z)", re.MULTILINE | re.DOTALL)
# Django names the path that failed; the long parts of one, but for ids, are links that work once.
LINK_PART = re.compile(r"(?<=/)(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/|$))[^/\s]{20,}")


# What Django itself refuses, by the logger's name: a foreign host, a page without its token.
REFUSED = "django.security."
# Seconds between two lines about refusals of one kind, and letters of what is told of one.
REFUSED_EVERY = 60.0
REFUSED_LENGTH = 200
# By kind, since the process started.
refused: Counter[str] = Counter()


def note(**facts: str) -> None:
    """Have every later line of this request or connection say so."""
    _facts.set({**(_facts.get() or {}), **facts})


def begin_request(scope: dict[str, Any], send: Send) -> Send:
    """Give the request an id, the proxy's or a new one, and return a ``send`` that answers with it."""
    given = next((value for name, value in scope["headers"] if name == REQUEST_ID), b"")
    request_id = given if SANE_ID.fullmatch(given) else uuid4().hex.encode()
    _facts.set({"request_id": request_id.decode()})

    async def send_with_id(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), (REQUEST_ID, request_id)]}
        await send(message)

    return send_with_id


def begin_connection() -> None:
    _facts.set({"connection_id": uuid4().hex})


def clean(text: str) -> str:
    return ROW_SHOWN.sub("DETAIL: (left out)\n", text).rstrip("\n")


class Facts(logging.Filter):
    """Gives each record what is known of its request or connection."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.facts = dict(_facts.get() or {})
        if record.name.startswith("django.") and isinstance(record.args, tuple):
            record.args = tuple(LINK_PART.sub("…", arg) if isinstance(arg, str) else arg for arg in record.args)
        return True


class Refusals(logging.Filter):
    """Tells of what was refused in one short line a minute for each kind: anybody can ask for a thousand of them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._quiet_until: dict[str, float] = {}
        self._left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(REFUSED):
            return True
        kind = record.name.removeprefix(REFUSED)
        with self._lock:
            refused[kind] += 1
            if self._clock() < self._quiet_until.get(kind, 0.0):
                self._left_out[kind] += 1
                return False
            self._quiet_until[kind] = self._clock() + REFUSED_EVERY
            left_out = self._left_out.pop(kind, 0)
        more = f" ({left_out} more since the last line of this kind)" if left_out else ""
        record.msg, record.args = f"Refused: {record.getMessage()[:REFUSED_LENGTH]}{more}", ()
        # No mistake of the site's, and so no error with a traceback.
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        record.exc_info = record.exc_text = None
        return True


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {name}={value}" for name, value in getattr(record, "facts", {}).items())
        return clean(super().format(record)) + facts


class JsonFormatter(logging.Formatter):
    """One line for one record, whatever it says.

    Ours, as python-json-logger takes 30 to 45 µs a line instead of 24, and what must not be logged is cleaned here.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": clean(record.getMessage()),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["error"] = clean(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
