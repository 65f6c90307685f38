"""``visitor.py https://chat.example.org WORD``: somebody who visits the site in a trial, with nothing but Python.

``admin LINK`` makes the first account by the link, ``talk`` says something and sends a file, ``look`` reads both again
in the same session, and ``say WORDS`` adds a message. What was said is kept in said.json beside this file.
"""

import hashlib
import json
import random
import re
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from uuid import uuid4

WHO = {"username": "alice", "email": "alice@example.org", "password": "correct horse battery"}
# Sent in two pieces.
FILE = random.Random(1).randbytes(3_000_000)
PIECE = 2_000_000
STATE = Path(__file__).with_name("said.json")


class Visitor:
    def __init__(self, site: str, token: str = "") -> None:
        self.site = site
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, path: str, data: bytes | None = None, **headers: str) -> bytes:
        request = urllib.request.Request(self.site + path, data, self.headers | headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            body: bytes = answer.read()
            return body

    def call(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self.ask(method, path, data, **{"Content-Type": "application/json"}) or b"null")

    def sign_in(self) -> str:
        body = {"username": WHO["username"], "password": WHO["password"]}
        token = str(self.call("POST", "/_allauth/app/v1/auth/login", body)["meta"]["session_token"])
        self.headers["Authorization"] = f"Bearer {token}"
        return token

    def send(self, room: str) -> Any:
        files = f"/api/v1/rooms/{room}/files"
        upload = self.call("POST", files, {"name": "a.bin", "size": len(FILE), "type": ""})
        for offset in range(0, len(FILE), PIECE):
            kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            self.ask("PATCH", f"{files}/{upload['id']}", FILE[offset : offset + PIECE], **kind)
        return self.call("POST", f"{files}/{upload['id']}/finish")

    def say(self, room: str, words: str, file: str | None = None) -> Any:
        body = {"client_id": uuid4().hex, "body": words, **({"attachment": file} if file else {})}
        return self.call("POST", f"/api/v1/rooms/{room}/messages", body)

    def transcript(self, room: str) -> list[Any]:
        return list(self.call("GET", f"/api/v1/rooms/{room}/messages?after=0")["messages"])


def become_admin(site: str, link: str) -> None:
    """Fill in the page behind the link, as a browser does."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(link, timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, page
    form = urllib.parse.urlencode(WHO | {"csrfmiddlewaretoken": token[1]}).encode()
    with browser.open(urllib.request.Request(link, form, {"Referer": link, "Origin": site}), timeout=60) as answer:
        assert not answer.url.startswith(f"{site}/setup/"), answer.read().decode()


def talk(site: str) -> None:
    somebody = Visitor(site)
    token = somebody.sign_in()
    room = somebody.call("POST", "/api/v1/rooms", {"name": f"Trial {uuid4().hex}"})["id"]
    somebody.say(room, "It works.")
    sent = somebody.say(room, "", somebody.send(room)["id"])
    state = {"token": token, "room": room, "file": sent["attachment"]["url"], "rows": somebody.transcript(room)}
    STATE.write_text(json.dumps(state))


def look(site: str) -> None:
    """Find every message and the file as they were, in the session of then."""
    said = json.loads(STATE.read_text())
    somebody = Visitor(site, said["token"])
    rows = somebody.transcript(said["room"])
    assert rows == said["rows"], f"{rows} is not {said['rows']}"
    got = somebody.ask("GET", said["file"])
    assert hashlib.sha256(got).digest() == hashlib.sha256(FILE).digest(), f"Another file: {len(got)} bytes"


def say(site: str, words: str) -> None:
    said = json.loads(STATE.read_text())
    somebody = Visitor(site, said["token"])
    somebody.say(said["room"], words)
    said["rows"] = somebody.transcript(said["room"])
    assert said["rows"][-1]["body"] == words
    STATE.write_text(json.dumps(said))


if __name__ == "__main__":
    match sys.argv[1:]:
        case [site, "admin", link]:
            become_admin(site, link)
        case [site, "talk"]:
            talk(site)
        case [site, "look"]:
            look(site)
        case [site, "say", words]:
            say(site, words)
        case _:
            sys.exit(__doc__)
