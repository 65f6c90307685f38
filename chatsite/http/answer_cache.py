"""Answers that are the same for everybody, sent again as Django gave them the first time, without asking it.

Static files and ``/healthz``. Through Django such an answer takes 2 ms of a core, from here 0.3: ``make bench
ARGS=requests``. In production a front serves static files; ``make run`` has none.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

Message = Mapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Key = tuple[Any, ...]
Application = Callable[[Any, Any, Send], Awaitable[None]]

# Bytes of all bodies that are kept. The site's own files are 1.5 MB, the admin's 4, each in up to three encodings.
KEPT_BYTES = 16 * 1024 * 1024
# What an answer counts beside its body: its headers, and its key, whose length a client chooses up to a bound.
OVERHEAD_BYTES = 4_096
KEY_MAX_BYTES = 1_024
# Who asks for a part, or whether a file is newer, is answered by Django.
CONDITIONS = frozenset({b"if-modified-since", b"if-none-match", b"if-range", b"range"})
# What an answer depends on. A file is in no language.
FILE_DEPENDS_ON = frozenset({b"host", b"accept-encoding", b"x-forwarded-proto"})
PAGE_DEPENDS_ON = FILE_DEPENDS_ON | {b"accept-language"}


class AnswerCache:
    """An ASGI application in front of another: keeps its answers to ``paths`` and to files below ``folder``.

    Kept is what was answered with 200 to a GET without a query and, but for files, without a cookie. It is kept until
    the process ends or others need its place: it may not change in that time.
    """

    def __init__(self, application: Application, *, folder: str | None, paths: frozenset[str]) -> None:
        self._application = application
        self._folder = folder
        self._paths = paths
        self._kept: OrderedDict[Key, list[Message]] = OrderedDict()
        self._bytes = 0

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        key = self._key(scope)
        if key is None:
            await self._application(scope, receive, send)
        elif messages := self._kept.get(key):
            self._kept.move_to_end(key)
            for message in messages:
                await send(message)
        else:
            await self._application(scope, receive, self._recorded(key, send))

    def _key(self, scope: Any) -> Key | None:
        """Return what the answer depends on; None where it may not be kept."""
        path = scope["path"]
        is_file = self._folder is not None and path.startswith(self._folder)
        if not (is_file or path in self._paths) or scope["method"] != "GET" or scope["query_string"]:
            return None
        depends_on = FILE_DEPENDS_ON if is_file else PAGE_DEPENDS_ON
        headers = scope["headers"]
        if any(name in CONDITIONS or (name == b"cookie" and not is_file) for name, _ in headers):
            return None
        told = tuple(header for header in headers if header[0] in depends_on)
        is_short = len(path) + sum(len(value) for _, value in told) <= KEY_MAX_BYTES
        return (path, scope.get("scheme"), told) if is_short else None

    def _recorded(self, key: Key, send: Send) -> Send:
        messages: list[Message] = []

        async def record(message: Message) -> None:
            await send(message)
            messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self._keep(key, messages)

        return record

    def _keep(self, key: Key, messages: list[Message]) -> None:
        start = messages[0]
        is_for_one = any(name.lower() == b"set-cookie" for name, _ in start.get("headers", ()))
        if start.get("status") != HTTPStatus.OK or is_for_one or key in self._kept:
            return
        self._kept[key] = messages
        self._bytes += size_of(messages)
        while self._bytes > KEPT_BYTES:
            self._bytes -= size_of(self._kept.popitem(last=False)[1])


def size_of(messages: list[Message]) -> int:
    return OVERHEAD_BYTES + sum(len(message.get("body", b"")) for message in messages)
