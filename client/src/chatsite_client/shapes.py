"""The objects of the JSON API, as it sends them: dicts whose fields type checkers know (docs/api.md)."""

from typing import Any, Literal, NotRequired, TypedDict

Json = dict[str, Any]


class Person(TypedDict):
    id: str
    username: str
    display_name: str
    picture: NotRequired[str | None]


class Me(Person):
    is_guest: bool
    last_room: str | None


class Attachment(TypedDict):
    id: str
    name: str
    size: int
    type: str
    kind: str
    width: int | None
    height: int | None
    sha256: str
    url: str


class Message(TypedDict):
    """A row of a room's transcript: something said (``text``, ``file``), or something that happened."""

    seq: int
    id: str
    room: str
    kind: str
    author: Person | None
    subject: Person | None
    target_seq: int | None
    talk: int | None
    body: str
    at: str
    attachment: Attachment | None
    redacted: bool
    pinned: bool
    hash: str
    client_id: str | None


class Room(TypedDict):
    id: str
    name: str
    kind: Literal["public", "private", "direct"]
    topic: str
    head: int
    talk_count: int
    member_count: int
    partner: Person | None
    role: Literal["member", "admin"] | None
    unread: int
    mentions: int
    muted: bool
    favourite: bool


class Member(TypedDict):
    person: Person
    role: Literal["member", "admin"]


class Page(TypedDict):
    """A part of a transcript."""

    messages: list[Message]
    head: int
    hash: NotRequired[str | None]
    more: bool
    more_before: NotRequired[bool]
    more_after: NotRequired[bool]
    reset: NotRequired[bool]
    pins: NotRequired[list[Json] | None]
    read_only: NotRequired[bool]


class Upload(TypedDict):
    id: str
    name: str
    size: int
    offset: int
    chunk: int
