"""Somebody who sends files from a script, and a real server of S3's protocol to keep them in."""

import http.client
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import servers
from tests.scripts import Script

RCLONE = Path(sys.executable).with_name("rclone")
KEYS = {"AWS_ACCESS_KEY_ID": "somebody", "AWS_SECRET_ACCESS_KEY": "a secret of theirs"}
MB = 1024 * 1024
Answer = tuple[int, http.client.HTTPMessage, bytes]


class Person(Script):
    """A script that also sends and takes bytes."""

    def open_room(self) -> None:
        self.room = self.call("POST", "/api/rooms", {"name": "Files"})["id"]

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        place = urlsplit(self.url)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        line = kind(str(place.hostname), place.port, timeout=60)
        try:
            line.request(method, path, body, {"X-Session-Token": self.token, **headers})
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            line.close()

    def begin(self, name: str, size: int) -> str:
        files = f"/api/rooms/{self.room}/files"
        upload = self.call("POST", files, {"name": name, "size": size, "type": ""})
        return f"{files}/{upload['id']}"

    def chunk(self, upload: str, offset: int, data: bytes) -> int:
        kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        return self.ask("PATCH", upload, data, **kind)[0]

    def post(self, upload: str) -> Any:
        file = self.call("POST", f"{upload}/finish")
        body = {"client_id": "1", "body": "", "attachment": file["id"]}
        return self.call("POST", f"/api/rooms/{self.room}/messages", body)["attachment"]

    def send(self, data: bytes, name: str = "a.bin") -> Any:
        upload, part = self.begin(name, len(data)), 2 * MB
        for offset in range(0, len(data), part):
            assert self.chunk(upload, offset, data[offset : offset + part]) == 204
        return self.post(upload)


def person(site: servers.Site, name: str = "alice") -> Person:
    somebody = Person(site.url, name)
    somebody.open_room()
    return somebody


class S3(servers.Server):
    """``rclone serve s3``: a server of S3's protocol, over a folder."""

    def __init__(self, folder: Path) -> None:
        port = servers.free_port()
        (folder / "buckets" / "chat").mkdir(parents=True)
        keys = ",".join(KEYS.values())
        command: list[str | Path] = [RCLONE, "serve", "s3", "--addr", f"{servers.HOST}:{port}", "--auth-key", keys]
        command += ["--config", folder / "none", folder / "buckets"]
        super().__init__(command, port=port, folder=folder)
        self.url = f"s3://chat/files?endpoint=http://{servers.HOST}:{port}&region=us-east-1"
