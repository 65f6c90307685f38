"""Whom the document is tried as, and the rooms, messages and files that they have."""

import io
import urllib.request
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from PIL import Image

from tests.scripts import Script

ROLES = ("member", "admin", "guest")
DATA = b"One line\nand another\n"


@dataclass(frozen=True)
class Cast:
    # Session tokens, by role.
    tokens: dict[str, str]
    # What an address's parameter can be, by its name.
    known: dict[str, list[str]]
    # Rooms that have to stay as they are.
    rooms: list[str]


def gather(url: str) -> Cast:
    """Sign people up, and let them talk in a public room, a private one and in private, with files."""
    admin, member = Script(url, "admin"), Script(url, "member")
    entered = Script(url, "", token="none").call("POST", "/api/v1/guests", {"display_name": "A guest"})
    guest = Script(url, entered["username"], token=entered["session_token"])
    public, private = (
        admin.call("POST", "/api/v1/rooms", {"name": kind, "kind": kind, "topic": "Tea"})["id"]
        for kind in ("public", "private")
    )
    member.call("POST", f"/api/v1/rooms/{public}/join")
    guest.call("POST", f"/api/v1/rooms/{public}/join")
    made = admin.call("POST", f"/api/v1/rooms/{private}/invitations", {})
    member.call("POST", f"/api/v1/invitations/{made['code']}/accept")
    direct = admin.call("POST", "/api/v1/directs", {"username": "member"})["id"]
    files, uploads = [], []
    for script, rooms in ((admin, (public, private, direct)), (member, (public, private, direct)), (guest, (public,))):
        put_picture(script)
        for room in rooms:
            for number in range(3):
                post(script, room, body=f"Message {number}")
            files += [send(script, room, "notes.txt", DATA), send(script, room, "face.png", picture())]
            uploads.append(begin(script, room, "later.txt", DATA))
    people = [script.call("GET", "/api/v1/me")["id"] for script in (admin, member, guest)]
    return Cast(
        tokens={"admin": admin.token, "member": member.token, "guest": guest.token},
        known={
            "room_id": [public, private, direct],
            "user_id": people,
            "file_id": files,
            "upload_id": uploads,
            "seq": ["1", "2", "3"],
            "code": [made["code"]],
        },
        rooms=[public, private, direct],
    )


def post(script: Script, room: str, **words: Any) -> None:
    script.call("POST", f"/api/v1/rooms/{room}/messages", {"client_id": uuid4().hex, **words})


def begin(script: Script, room: str, name: str, data: bytes) -> str:
    return str(script.call("POST", f"/api/v1/rooms/{room}/files", {"name": name, "size": len(data)})["id"])


def send(script: Script, room: str, name: str, data: bytes) -> str:
    upload = begin(script, room, name, data)
    address = f"/api/v1/rooms/{room}/files/{upload}"
    send_bytes(script, "PATCH", address, data, {"Upload-Offset": "0"})
    script.call("POST", f"{address}/finish")
    post(script, room, attachment=upload)
    return upload


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 30, 60)).save(out, "PNG")
    return out.getvalue()


def put_picture(script: Script) -> None:
    send_bytes(script, "PUT", "/api/v1/me/picture", picture(), {})


def send_bytes(script: Script, method: str, address: str, data: bytes, headers: dict[str, str]) -> None:
    headers = {**script.headers, "Content-Type": "application/octet-stream", **headers}
    request = urllib.request.Request(script.url + address, data, headers, method=method)
    urllib.request.urlopen(request, timeout=60).close()
