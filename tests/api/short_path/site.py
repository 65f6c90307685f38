"""The site behind its short path, who asks it, and what ends that somebody is known."""

import gzip
import json
from typing import Any

from allauth.usersessions.models import UserSession
from asgiref.sync import sync_to_async

from accounts.actions import delete_account, suspend
from accounts.models import User
from accounts.sessions import end_sessions
from api.short_path import ShortPath
from chatsite.server.handler import Handler
from rooms.actions.memberships import leave_room, remove_member
from rooms.actions.rooms import delete_room
from rooms.models import Room
from rooms.realtime import lifecycle
from tests.rooms.conftest import session_of

# A request is recognised once the room is open here, and its head known: three at most.
TIMES = 4
Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, dict[str, str], Any]


class Site:
    """The application, and how often Django was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self._django = Handler()
        self._application = ShortPath(self._count)

    async def _count(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self._django(scope, receive, send)

    async def poll(self, headers: Headers, asked: object, application: Any = None) -> Answer:
        """Send a poll; or, where what is asked is an address, GET it; or POST something to one."""
        to = "/api/v1/poll"
        if isinstance(asked, tuple):
            to, asked = asked
        text = b"" if isinstance(asked, str) else asked if isinstance(asked, bytes) else json.dumps(asked).encode()
        path, _, query = asked.partition("?") if isinstance(asked, str) else (to, "", "")
        scope: dict[str, Any] = {
            "type": "http", "method": "GET" if isinstance(asked, str) else "POST", "path": path, "scheme": "http",
            "raw_path": path.encode(), "query_string": query.encode(), "extensions": {},
            "client": ["127.0.0.1", 1], "server": ["127.0.0.1", 80],
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json"), *headers,
                        (b"content-length", b"%d" % len(text))],
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": text}

        async def send(message: Any) -> None:
            sent.append(message)

        await (application or self._application)(scope, receive, send)
        told: dict[str, str] = {}
        for name, value in sent[0]["headers"]:
            lower = name.decode().lower()
            told[lower] = f"{told[lower]}, {value.decode()}" if lower in told else value.decode()
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        if told.get("content-encoding") == "gzip":
            answer = gzip.decompress(answer)
        return sent[0]["status"], told, json.loads(answer) if answer else None

    async def is_short(self, headers: Headers, asked: object) -> bool:
        """Poll; return whether it was answered without Django, which would have said the same."""
        before = self.asked
        status, told, answer = await self.poll(headers, asked)
        if self.asked > before:
            return False
        expected = await self.poll(headers, asked, self._django)
        for names in (told, expected[1]):
            names.pop("ratelimit-remaining", None)
            names.pop("ratelimit-reset", None)
            # Said of the longer answers, which Django compresses.
            names["vary"] = names["vary"].removesuffix(", Accept-Encoding")
            # Django pads what it compresses.
            if "content-encoding" in names:
                names.pop("content-length")
        assert (status, told, answer) == expected
        return True

    async def becomes_short(self, headers: Headers, asked: object) -> bool:
        for _ in range(TIMES):
            if await self.is_short(headers, asked):
                return True
            for room in list(lifecycle.hub().rooms.by_id.values()):
                await room.opened
            await lifecycle.hub().reconciler.run()
        return False


async def token_of(user: User) -> Headers:
    return [(b"x-session-token", (await sync_to_async(session_of)(user)).encode())]


def asking(room: Room, after: int = 2, **more: object) -> dict[str, object]:
    return {"rooms": [{"room": str(room.pk), "after": after, **more}]}


def attending(room: Room, after: int = 2, **more: object) -> dict[str, object]:
    return {**asking(room, after, **more), "here": "tab", "attend": str(room.pk)}


def page(room: Room, query: str = "") -> str:
    return f"/api/v1/rooms/{room.pk}/messages{query}"


def logs_out(user: User, actor: User, room: Room) -> None:
    sessions = list(UserSession.objects.filter(user=user))
    assert sessions
    end_sessions(sessions)


def is_suspended(user: User, actor: User, room: Room) -> None:
    suspend(user, actor=User.objects.create_superuser("dana", "dana@example.org"))


def closes_the_account(user: User, actor: User, room: Room) -> None:
    delete_account(user)


def chooses_another_password(user: User, actor: User, room: Room) -> None:
    user.set_password("another one, as long as it has to be")
    user.save()


def is_removed(user: User, actor: User, room: Room) -> None:
    remove_member(room, actor=actor, user=user)


def leaves(user: User, actor: User, room: Room) -> None:
    leave_room(room, actor=user)


def finds_it_deleted(user: User, actor: User, room: Room) -> None:
    delete_room(room, actor=actor)
