"""The site as one ASGI application: pages and API for HTTP, rooms for WebSockets."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
# First: it loads the apps that the imports below need.
django.setup(set_prefix=False)

from typing import Any  # noqa: E402

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from chatsite import log, outbox, privacy  # noqa: E402
from chatsite.handler import Handler  # noqa: E402
from rooms.realtime import lifecycle  # noqa: E402
from rooms.routing import urlpatterns  # noqa: E402

privacy.close_to_others()
outbox.start()
pages = Handler()
sockets = URLRouter(urlpatterns)


async def http(scope: Any, receive: Any, send: Any) -> None:
    # A process that serves pages only must announce what they commit, too.
    lifecycle.hub()
    await pages(scope, receive, log.begin_request(scope, send))


async def websocket(scope: Any, receive: Any, send: Any) -> None:
    log.begin_connection()
    await sockets(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "websocket": websocket})
