"""``python -m benchmarks.files [MB]``: how the memory of one process moves while a large file comes and goes.

Each step names the highest resident memory while it lasted, beside that before the first one.
"""

import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tests import servers
from tests.scripts import Script

MB = 1024 * 1024
# What somebody on a bad line takes: 64 KiB each tenth of a second, for so many seconds.
SLOW_SECONDS = 20
SLOW_READERS = 10
# The most that it may move.
BOUND_MB = 50


class Memory:
    """Looks at a process's resident memory all the time, from a thread of its own."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self.most = self.now()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def now(self) -> float:
        line = next(line for line in self._status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def _watch(self) -> None:
        while not self._is_over.wait(0.02):
            self.most = max(self.most, self.now())

    @contextmanager
    def watched(self) -> Iterator[None]:
        self._thread.start()
        yield
        self._is_over.set()
        self._thread.join()


class Person:
    """Somebody who sends and fetches a file, over plain HTTP."""

    def __init__(self, url: str, name: str) -> None:
        self.script = Script(url, name)
        self.place = urlsplit(url)
        self.room = self.script.call("POST", "/api/rooms", {"name": "Large files"})["id"]
        self.file = ""

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(str(self.place.hostname), self.place.port, timeout=600)

    def send(self, size: int) -> str:
        files = f"/api/rooms/{self.room}/files"
        upload = self.script.call("POST", files, {"name": "large.bin", "size": size, "type": ""})
        line, chunk, offset = self.connection(), bytes(range(256)) * (upload["chunk"] // 256), 0
        while offset < size:
            headers = {**self.script.headers, "Content-Type": "application/offset+octet-stream"}
            line.request(
                "PATCH", f"{files}/{upload['id']}", chunk[: size - offset], {**headers, "Upload-Offset": str(offset)}
            )
            answer = line.getresponse()
            answer.read()
            assert answer.status == 204, answer.status
            offset = int(answer.headers["Upload-Offset"])
        return str(upload["id"])

    def finish(self, upload: str) -> None:
        # Longer than a script's usual patience.
        line = self.connection()
        line.request("POST", f"/api/rooms/{self.room}/files/{upload}/finish", b"", self.script.headers)
        answer = line.getresponse()
        assert answer.status == 200, answer.read()
        file = json.loads(answer.read())
        self.file = file["url"]
        post = {"client_id": "1", "body": "", "attachment": file["id"]}
        self.script.call("POST", f"/api/rooms/{self.room}/messages", post)

    def fetch(self) -> int:
        line = self.connection()
        line.request("GET", self.file, headers=self.script.headers)
        answer, count = line.getresponse(), 0
        while piece := answer.read(MB):
            count += len(piece)
        return count

    def fetch_slowly(self) -> None:
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            line.connect((self.place.hostname, self.place.port))
            token = self.script.headers["X-Session-Token"]
            line.sendall(f"GET {self.file} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Session-Token: {token}\r\n\r\n".encode())
            until = time.monotonic() + SLOW_SECONDS
            while time.monotonic() < until:
                assert line.recv(64 * 1024)
                time.sleep(0.1)


def many(act: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure(size: int) -> bool:
    limits = {"FILES_MAX_SIZE": str(size), "FILES_MAX_PER_PERSON": "0", "FILES_MAX_TOTAL": "0"}
    with servers.site(env=limits) as site:
        person = Person(site.url, "largo")
        assert site.process
        before = Memory(site.process.pid).now()
        print(f"{size // MB} MB; before the first step {before:.0f} MB are resident")
        uploads: list[str] = []
        steps: list[tuple[str, Callable[[], object]]] = [
            ("sent in parts", lambda: uploads.append(person.send(size))),
            ("put together", lambda: person.finish(uploads[0])),
            ("fetched", person.fetch),
            (f"fetched by {SLOW_READERS} slow readers", lambda: many(person.fetch_slowly, SLOW_READERS)),
        ]
        worst = 0.0
        for name, step in steps:
            memory, began = Memory(site.process.pid), time.monotonic()
            with memory.watched():
                step()
            worst = max(worst, memory.most - before)
            print(f"{name:32} {time.monotonic() - began:6.1f} s   {memory.most - before:+6.1f} MB")
        return worst < BOUND_MB


if __name__ == "__main__":
    sys.exit(not measure(int((sys.argv[1:] or ["500"])[0]) * MB))
