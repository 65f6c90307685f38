"""The site as one ASGI application: pages and API for HTTP, rooms for WebSockets."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
# First: it loads the apps that the imports below need.
django.setup(set_prefix=False)

from typing import Any  # noqa: E402

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from api.short_path import ShortPath  # noqa: E402
from chatsite import outbox  # noqa: E402
from chatsite.http.answer_cache import AnswerCache  # noqa: E402
from chatsite.ops import file_modes, logs  # noqa: E402
from chatsite.server.handler import Handler  # noqa: E402
from rooms.realtime import lifecycle  # noqa: E402
from rooms.routing import urlpatterns  # noqa: E402

file_modes.close_to_others()
outbox.start()
pages = ShortPath(Handler())
# Whoever works on the site changes its files while it runs.
folder = None if settings.DEBUG else settings.STATIC_URL
kept_answers = AnswerCache(pages, folder=folder, paths=frozenset({"/healthz"}))
sockets = URLRouter(urlpatterns)


async def http(scope: Any, receive: Any, send: Any) -> None:
    # A process that serves pages only must announce what they commit, too.
    lifecycle.hub()
    await kept_answers(scope, receive, logs.begin_request(scope, send))


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    logs.begin_connection()
    await sockets(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "websocket": websocket})
