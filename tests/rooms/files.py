"""Files to send, and a script that sends them."""

import io
from typing import Any
from uuid import uuid4

from asgiref.sync import async_to_sync
from django.test import Client
from PIL import Image

from accounts.models import User
from rooms.actions import files
from rooms.actions.messages import post_message
from rooms.models import CHUNK_LEAST_BYTES, Attachment, Message, Room
from tests.rooms.conftest import session_of

# A name that needs care: right to left, an emoji of several characters, and what looks like a way out of a folder.
ARABIC = "صورة العائلة 👩‍👩‍👧.png"


def picture(form: str = "PNG", size: tuple[int, int] = (300, 200), **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, form, **how)
    return out.getvalue()


def ready_file(room: Room, owner: User, data: bytes = b"Hello", name: str = "hello.txt") -> Attachment:
    """Send a whole file, without the doors."""
    upload = files.start_upload(room, actor=owner, name=name, size=len(data))
    files.take_chunk(room, actor=owner, file_id=upload.pk, offset=0, data=data)
    return files.finish_upload(room, actor=owner, file_id=upload.pk)


def posted_file(room: Room, owner: User, data: bytes = b"Hello", name: str = "hello.txt", caption: str = "") -> Message:
    file = ready_file(room, owner, data, name)
    return post_message(room, actor=owner, client_id=uuid4().hex, body=caption, attachment=file.pk).row


def content_of(answer: Any) -> bytes:
    async def gather() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(gather)() if answer.streaming else bytes(answer.content)


class Sender:
    """A script that sends files to a room over the API."""

    def __init__(self, user: User, room: Room) -> None:
        self.client = Client(headers={"X-Session-Token": session_of(user)})
        self.files = f"/api/rooms/{room.pk}/files"
        self.messages = f"/api/rooms/{room.pk}/messages"

    def ask(self, method: str, address: str, body: object = None, **headers: str) -> Any:
        extra: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(address, headers=headers, **extra)

    def begin(self, name: str, size: int) -> Any:
        return self.ask("post", self.files, {"name": name, "size": size, "type": ""})

    def chunk(self, file_id: str, data: bytes, offset: int) -> Any:
        return self.client.patch(
            f"{self.files}/{file_id}",
            data=data,
            content_type="application/offset+octet-stream",
            headers={"Upload-Offset": str(offset)},
        )

    def finish(self, file_id: str) -> Any:
        return self.ask("post", f"{self.files}/{file_id}/finish")

    def send(self, data: bytes, name: str = "hello.txt") -> Any:
        """Send a whole file, in parts that are as small as they may be; return the last answer."""
        begun = self.begin(name, len(data))
        if begun.status_code != 201:
            return begun
        file_id = begun.json()["id"]
        for offset in range(0, len(data), CHUNK_LEAST_BYTES):
            self.chunk(file_id, data[offset : offset + CHUNK_LEAST_BYTES], offset)
        return self.finish(file_id)

    def post(self, file_id: str, body: str | None = "", client_id: str = "1") -> Any:
        return self.ask("post", self.messages, {"client_id": client_id, "body": body, "attachment": file_id})


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.json()["detail"]
    return answer.status_code, answer.json()["code"]
