"""Every WebSocket address of the site."""

from typing import Any

from django.urls import path, re_path

from rooms.realtime.consumer import SocketConsumer


async def no_such_address(scope: Any, receive: Any, send: Any) -> None:
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        # On another server than ours: 403.
        await send({"type": "websocket.close"})


# The URL router takes ASGI applications; the annotations of Django know views only.
urlpatterns: list[Any] = [
    path("ws/", SocketConsumer.as_asgi()),
    # Pages of before version 2, which are told to reload.
    path("ws/rooms/<uuid:room_id>/", SocketConsumer.as_asgi()),
    # Without it Channels answers a wrong address with a traceback in the log.
    re_path(r"", no_such_address),  # type: ignore[arg-type]
]
