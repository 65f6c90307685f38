"""What a person can do on a site: the JSON API, an operation a method. docs/api.md has its document."""

import json
from collections.abc import AsyncIterator
from typing import Any, Literal, Self, cast
from urllib.parse import quote
from uuid import UUID, uuid4

from chatsite_client.errors import NotFound
from chatsite_client.shapes import Json, Me, Member, Message, Page, Person, Room
from chatsite_client.transport import PATIENCE, Transport

V1 = "/api/v1"
ROWS_A_PAGE = 100


class Api(Transport):
    """One person on one site, by their token: ``async with Api("https://chat.example.org", token=…) as api``.

    Every method raises ``Refused`` with the site's sentence, ``SignedOut``, or ``Unreachable`` when ``patience``
    seconds were not enough. Whatever makes something may be repeated: it has a name by which the site knows it again.
    """

    def __init__(self, site: str, *, token: str | None = None, patience: float = PATIENCE) -> None:
        super().__init__(site, token=token, patience=patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def me(self) -> Me:
        return cast(Me, await self.call("GET", f"{V1}/me"))

    # --- Rooms ---

    async def rooms(self, scope: Literal["mine", "public"] = "mine", words: str = "") -> list[Room]:
        """Return one's own rooms and direct talks, or the public ones; ``words`` are looked for in their names."""
        return [room async for room in self._listed(f"{V1}/rooms", "rooms", scope=scope, q=words or None)]

    async def room(self, room: str) -> Room:
        return cast(Room, await self.call("GET", _room(room)))

    async def find_room(self, name: str) -> Room:
        """Return the room of this id or name: one of one's own, or a public one. Raises NotFound, also for two."""
        if is_id(name):
            return await self.room(name)
        wanted = name.strip().removeprefix("#").casefold()
        scopes: tuple[Literal["mine", "public"], ...] = ("mine", "public")
        for scope in scopes:
            rooms = await self.rooms(scope, "" if scope == "mine" else wanted[:80])
            same = [room for room in rooms if _called(room, wanted)]
            if len(same) > 1:
                ids = ", ".join(room["id"] for room in same)
                raise NotFound(f"Several rooms are called {name}. Name one by its id: {ids}")
            if same:
                return same[0]
        raise NotFound(f"There is no room called {name}, or you are not a member of it.")

    async def open_room(self, name: str, *, topic: str = "", is_private: bool = False) -> Room:
        body = {"name": name, "topic": topic, "kind": "private" if is_private else "public"}
        return cast(Room, await self._make(f"{V1}/rooms", body))

    async def change_room(self, room: str, *, confirm: bool = False, **changes: str) -> Room:
        """Change ``name``, ``topic`` or ``kind``. To become public wants ``confirm``."""
        return cast(Room, await self.call("PATCH", _room(room), {**changes, "confirm": confirm}))

    async def delete_room(self, room: str) -> None:
        await self.call("DELETE", _room(room))

    async def join(self, room: str) -> Room:
        return cast(Room, await self.call("POST", f"{_room(room)}/join"))

    async def leave_room(self, room: str) -> None:
        await self.call("POST", f"{_room(room)}/leave")

    async def mute(self, room: str, *, muted: bool = True) -> Room:
        return cast(Room, await self.call("PATCH", f"{_room(room)}/mine", {"muted": muted}))

    # --- People ---

    async def members(self, room: str, words: str = "") -> list[Member]:
        return [member async for member in self._listed(f"{_room(room)}/members", "members", q=words or None)]

    async def add_member(self, room: str, username: str) -> Member:
        return cast(Member, await self.call("POST", f"{_room(room)}/members", {"username": username}))

    async def remove_member(self, room: str, user: str) -> None:
        await self.call("DELETE", f"{_room(room)}/members/{quote(user, safe='')}")

    async def change_role(self, room: str, user: str, role: Literal["member", "admin"]) -> Member:
        return cast(Member, await self.call("PATCH", f"{_room(room)}/members/{quote(user, safe='')}", {"role": role}))

    async def open_direct(self, username: str) -> Room:
        """Return the private talk with this person, which is there from now on."""
        return cast(Room, await self.call("POST", f"{V1}/directs", {"username": username.removeprefix("@")}))

    async def blocked(self) -> list[Person]:
        return [person async for person in self._listed(f"{V1}/blocks", "people")]

    async def block(self, user: str, *, blocked: bool = True) -> None:
        await self.call("PUT" if blocked else "DELETE", f"{V1}/blocks/{quote(user, safe='')}")

    async def invite(self, room: str, *, seconds: int = 604_800, uses: int | None = None) -> Json:
        return cast(Json, await self._make(f"{_room(room)}/invitations", {"seconds": seconds, "uses": uses}))

    async def accept_invitation(self, code: str) -> Room:
        return cast(Room, await self.call("POST", f"{V1}/invitations/{quote(code, safe='')}/accept"))

    # --- The transcript ---

    async def messages(  # noqa: PLR0913 (each is a parameter of the operation)
        self,
        room: str,
        *,
        after: int | None = None,
        hash: str | None = None,  # noqa: A002 (the API's own word)
        before: int | None = None,
        around: int | None = None,
        at: str | None = None,
        limit: int = ROWS_A_PAGE,
    ) -> Page:
        """Return a part of the transcript in order of ``seq``: after a row, before or around one, or the newest."""
        where = {"after": after, "hash": hash, "before": before, "around": around, "at": at, "limit": limit}
        return cast(Page, await self.call("GET", f"{_room(room)}/messages", query=where))

    async def history(self, room: str, *, after: int = 0, until: int | None = None) -> AsyncIterator[Message]:
        """Yield every row after ``after``, drawn or not, up to the head of this moment, or to ``until``."""
        while True:
            page = await self.messages(room, after=after)
            until = page["head"] if until is None else until
            for row in page["messages"]:
                if row["seq"] > until:
                    return
                after = row["seq"]
                yield row
            if not page["more"]:
                return

    async def post(
        self,
        room: str,
        body: str = "",
        *,
        client_id: str | None = None,
        attachment: str | None = None,
        retry: bool = True,
    ) -> Message:
        """Post words, or a finished upload; under the same ``client_id`` it is the same message, however often."""
        post = {"client_id": client_id or uuid4().hex, "body": body, "attachment": attachment}
        return cast(Message, await self.call("POST", f"{_room(room)}/messages", post, retry=retry))

    async def mark_read(self, room: str, seq: int) -> None:
        await self.call("POST", f"{_room(room)}/read", {"seq": seq})

    async def report(self, room: str, seq: int, reason: str = "") -> None:
        await self.call("POST", f"{_room(room)}/messages/{seq}/report", {"reason": reason})

    async def pin(self, room: str, seq: int, *, pinned: bool = True) -> None:
        await self.call("PUT" if pinned else "DELETE", f"{_room(room)}/pins/{seq}")

    async def poll(self, question: Json) -> Json:
        """Ask once for what is new in some rooms: "Polling" in docs/protocol.md."""
        return cast(Json, await self.call("POST", f"{V1}/poll", question, retry=False))

    # --- How ---

    async def _listed(self, path: str, name: str, **query: object) -> AsyncIterator[Any]:
        cursor: str | None = None
        while True:
            page = await self.call("GET", path, query={**query, "cursor": cursor})
            for item in page[name]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    async def _make(self, path: str, body: Json) -> Any:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        answer = await self.request("POST", path, content=_encoded(body), headers=headers)
        return self.json_of(answer)


def _encoded(body: Json) -> bytes:
    return json.dumps(body).encode()


def _room(room: str) -> str:
    return f"{V1}/rooms/{quote(room, safe='')}"


def is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _called(room: Room, wanted: str) -> bool:
    partner = room.get("partner")
    if partner:
        return wanted.startswith("@") and partner["username"].casefold() == wanted[1:]
    return room["name"].casefold() == wanted
