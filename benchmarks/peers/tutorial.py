"""The chat of the Channels tutorial, as its documentation has it, in one file.

``LAYER`` chooses the channel layer: memory, core (channels_redis.core) or pubsub (channels_redis.pubsub).
``SAVE=1`` stores each message by the ORM in SQLite (WAL), as most who start from the tutorial do next.
"""

import json
import os
from pathlib import Path
from typing import Any

import django
from django.conf import settings

LAYERS = {
    "memory": {"BACKEND": "channels.layers.InMemoryChannelLayer"},
    "core": {"BACKEND": "channels_redis.core.RedisChannelLayer"},
    "pubsub": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"},
}
LAYER = dict(LAYERS[os.environ.get("LAYER", "memory")])
if "REDIS_URL" in os.environ and "Redis" in LAYER["BACKEND"]:
    LAYER["CONFIG"] = {"hosts": [os.environ["REDIS_URL"]]}  # type: ignore[assignment]
SAVE = bool(os.environ.get("SAVE"))

settings.configure(
    SECRET_KEY="for a benchmark on loopback",
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": LAYER},
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(os.environ.get("FOLDER", ".")) / "tutorial.db",
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL", "transaction_mode": "IMMEDIATE"},
        }
    },
    USE_TZ=True,
)
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402 (after the settings)
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.urls import path  # noqa: E402


class Message(models.Model):
    room = models.CharField(max_length=100, db_index=True)
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "peers"

    def __str__(self) -> str:
        return self.body


if SAVE:
    with connection.schema_editor() as editor:
        editor.create_model(Message)


class ChatConsumer(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        self.room_name = self.scope["url_route"]["kwargs"]["room_name"]
        self.room_group_name = f"chat_{self.room_name}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        message = json.loads(text_data or "{}")["message"]
        if SAVE:
            await sync_to_async(Message._default_manager.create)(room=self.room_name, body=message)
        await self.channel_layer.group_send(self.room_group_name, {"type": "chat.message", "message": message})

    async def chat_message(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps({"message": event["message"]}))


application = ProtocolTypeRouter(
    {
        "http": get_asgi_application(),
        "websocket": URLRouter([path("ws/chat/<room_name>/", ChatConsumer.as_asgi())]),
    }
)
