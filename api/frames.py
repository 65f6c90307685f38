"""The events of the socket, as shapes (docs/protocol.md says what they mean): for its document, asyncapi.py."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema

from api.schemas import SEQ_MAX, MessageOut, Person, PinOut, RoomOut, Visitor
from rooms.actions.posts import CLIENT_ID
from rooms.models import BODY_MAX_LENGTH

Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]
Mentions = Annotated[int, Field(ge=0, description="Unread messages of the room that call one by name.")]
ClientId = Annotated[str, Field(pattern=f"^{CLIENT_ID.pattern}$")]


class Present(Schema):
    people: list[Visitor]
    count: int


class WelcomeEvent(Schema):
    """The first event of a connection."""

    type: Literal["welcome"]
    you: Person
    mentions: Annotated[int, Field(ge=0, description="Unread messages of all rooms that call one by name.")]
    read_only: bool


class RoomWelcomeEvent(Schema):
    """A room was entered: the `welcome` that has `room`."""

    type: Literal["welcome"]
    room: RoomOut
    head: Seq
    present: Present
    pins: list[PinOut]
    resumed: bool


class EndedEvent(Schema):
    """This connection is no longer in the room, or could not enter it. `retry_ms` null: do not enter again."""

    type: Literal["ended"]
    room: UUID
    code: int
    reason: str
    detail: str
    retry_ms: int | None


class MovedEvent(Schema):
    """The user attends this room now by another connection. This one attends none, and goes on receiving."""

    type: Literal["moved"]
    room: UUID


class MessageEvent(MessageOut):
    """A row of the transcript; `seq` counts up by one without a gap."""

    type: Literal["message"]


class ResetEvent(Schema):
    """Instead of the messages that were missed: replace all by these."""

    type: Literal["reset"]
    room: UUID
    messages: list[MessageEvent]
    more: bool
    head: Seq
    hash: str


class PostedEvent(Schema):
    """The message is stored."""

    type: Literal["posted"]
    room: UUID
    client_id: ClientId
    seq: Seq
    id: UUID


class ErrorEvent(Schema):
    """A frame or post was refused. With `retry_ms` the same may be sent again after it."""

    type: Literal["error"]
    code: str
    detail: str
    room: str | None = None
    client_id: str | None = None
    retry_ms: int | None = None


class PresenceEvent(Schema):
    """Who entered and exited since the last `presence`."""

    type: Literal["presence"]
    room: UUID
    entered: list[Visitor]
    exited: list[Visitor]
    away: list[UUID]
    back: list[UUID]
    count: int


class TypingEvent(Schema):
    """Somebody types: forget it after some seconds, or when their message comes."""

    type: Literal["typing"]
    room: UUID
    user: Person


class PersonEvent(Person):
    """Somebody has a new name or picture. It may be told twice."""

    type: Literal["person"]


class UnreadEvent(Schema):
    """There are new messages in a room of yours that this connection has not entered."""

    type: Literal["unread"]
    room: UUID
    talk_count: int
    mentions: Mentions


class ReadEvent(Schema):
    """You have read so far, or said something, at another of your devices, or are called more or less often now.

    On one connection ``read_talk`` never goes back.
    """

    type: Literal["read"]
    room: UUID
    read_talk: int
    mentions: Mentions


class RoomsEvent(Schema):
    """Your list of rooms has changed: call `listRooms`."""

    type: Literal["rooms"]


class BlocksEvent(Schema):
    """Your list of blocked users has changed: call `listBlocks`."""

    type: Literal["blocks"]


class ReadOnlyEvent(Schema):
    """The site is read-only from now on (posts are refused by `read_only`), or not any more: send what waits."""

    type: Literal["read_only"]
    on: bool


class HeadEvent(Schema):
    """Each 12 s for each room that was entered, or without `room`. A `seq` beyond your own: fetch the rows."""

    type: Literal["head"]
    room: UUID | None = None
    seq: Seq


class ByeEvent(Schema):
    """The reason of the close that follows. `retry_ms` null: do not connect again by yourself."""

    type: Literal["bye"]
    code: int
    reason: str
    detail: str
    retry_ms: int | None


class Enter(Schema):
    """Enters a room: its `welcome` follows, or `ended` says why not."""

    type: Literal["enter"]
    room: UUID
    after: Annotated[Seq | None, Field(description="seq of the last row that one has.")] = None
    hash: Annotated[str | None, Field(description="That row's hash; another one is answered by `reset`.")] = None


class Leave(Schema):
    """Leaves a room's events, and does not attend it any more."""

    type: Literal["leave"]
    room: UUID


class Attend(Schema):
    """Is present in this room from now on; null: in none."""

    type: Literal["attend"]
    room: UUID | None


class Post(Schema):
    """Posts a message to a room, entered or not; with the id of a finished upload, a file, which needs no `body`."""

    type: Literal["post"]
    room: UUID
    client_id: ClientId
    body: Annotated[str, Field(max_length=BODY_MAX_LENGTH)] | None = None
    attachment: UUID | None = None


class Ack(Schema):
    """Says that all up to this row has arrived: at least each 5 s or 200 messages while messages come in."""

    type: Literal["ack"]
    room: UUID
    seq: Seq


class Read(Schema):
    """Marks as read up to this row."""

    type: Literal["read"]
    room: UUID
    seq: Seq


class Typing(Schema):
    """Tells the others that the user is typing, at most once in 3 s."""

    type: Literal["typing"]
    room: UUID


class Away(Schema):
    """The user has left this page idle, or is back at it."""

    type: Literal["away"]
    away: bool


FROM_SITES: tuple[type[Schema], ...] = (
    WelcomeEvent,
    RoomWelcomeEvent,
    EndedEvent,
    MovedEvent,
    MessageEvent,
    ResetEvent,
    PostedEvent,
    ErrorEvent,
    PresenceEvent,
    TypingEvent,
    PersonEvent,
    UnreadEvent,
    ReadEvent,
    RoomsEvent,
    BlocksEvent,
    ReadOnlyEvent,
    HeadEvent,
    ByeEvent,
)
FROM_CLIENTS: tuple[type[Schema], ...] = (Enter, Leave, Attend, Post, Ack, Read, Typing, Away)


def type_of(event: type[Schema]) -> str:
    """Return the `type` of a shape's frames."""
    kind: Any = event.model_fields["type"].annotation
    word: str = kind.__args__[0]
    return word
