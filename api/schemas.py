"""The shapes that the JSON API takes and gives (design §6)."""

from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.conf import settings
from ninja import Field, Query, Schema
from pydantic import ConfigDict, Strict, model_validator

from accounts.models import DISPLAY_NAME_MAX_LENGTH, USERNAME_MAX_LENGTH
from chatsite.text import LONGEST
from rooms.actions.posts import CLIENT_ID
from rooms.models import (
    BODY_MAX_LENGTH,
    CLIENT_ID_MAX_LENGTH,
    INVITATION_AGE,
    INVITATION_MAX_AGE,
    INVITATION_MAX_USES,
    REASON_MAX_LENGTH,
    ROOM_NAME_MAX_LENGTH,
    TOPIC_MAX_LENGTH,
    Message,
)
from rooms.queries.pagination import CURSOR_MAX_LENGTH, Page

SEQ_MAX = 2**63 - 1
# Pages that a list is turned; whoever looks further should search.
PAGES_MAX = 1_000
# As events.instant writes it: ninja would cut the microseconds, which the hash chain counts.
Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]

# As JSON has them: neither "yes" nor 1 is true, and neither "1" nor true is 1.
Yes = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
# What the document says of texts. A NUL is refused everywhere (http/request_checks.py), and a line of nothing but white
# space and controls is empty; that no character may hide in a name (chatsite/text.py) is more than a pattern can say.
NO_NUL = r"^[^\x00]*$"
SEEN = r"^[\s\S]*[^\s\x00-\x1f\x7f-\x9f]"
# Of a path, its last part counts; dots and white space at its end do not.
FILE_NAME = r"^[\s\S]*[^\s\x00-\x1f\x7f-\x9f./\\][^/\\]*$"
# How lists are turned.
Cursor = Annotated[
    str,
    Field(
        max_length=CURSOR_MAX_LENGTH,
        json_schema_extra={"pattern": "^[A-Za-z0-9_.:-]*$", "description": "`next` of the page before."},
    ),
]
OldPage = Annotated[int, Query(ge=1, le=PAGES_MAX, deprecated=True, description="The number of a page; use `cursor`.")]


def at_most(length: int, *, least: int = 0, pattern: str = "", max_length: int | None = None, **extra: Any) -> Any:
    """Tell a limit to the document's reader: the action enforces it, with its own code and sentence.

    What is far beyond it, and cannot even shrink to it (line ends of two characters, say), gets no further than here.
    """
    told: dict[str, Any] = {"maxLength": length}
    if least:
        # Something that is seen, at that.
        told |= {"minLength": least, "pattern": SEEN}
    if pattern:
        told["pattern"] = pattern
    return Field(max_length=max_length or max(2 * length, LONGEST), json_schema_extra=told, **extra)


class Input(Schema):
    """What a request brings: no text in it is longer than LONGEST, unless a field says so."""

    model_config = ConfigDict(str_max_length=LONGEST)


class Listed(Schema):
    """A page of a list."""

    more: bool = Field(description="There is another page.")
    next: str | None = Field(description="The `cursor` of the next page; null: this is the last one.")


def rest_of(page: Page[Any]) -> dict[str, Any]:
    """Return what a page says of those behind it."""
    return {"more": page.has_next, "next": page.cursor or None}


class RoomName(Schema):
    id: UUID
    name: str


class Problem(Schema):
    """A refusal: ``code`` for programs, ``detail`` a sentence for people, ``fields`` for values that do not fit."""

    code: str
    detail: str
    fields: dict[str, list[str]] | None = None
    offset: int | None = Field(None, description="With `wrong_offset` and `incomplete`: bytes that have arrived.")
    limit: int | None = Field(None, description="Where something is too large: bytes that would fit.")
    retry_after: int | None = Field(None, description="With `too_fast`: seconds, as in the Retry-After header.")


class Person(Schema):
    id: UUID
    username: str
    display_name: str
    picture: str | None = Field(None, description="The address of a square WebP; null: none was chosen.")


class Me(Person):
    is_guest: bool
    last_room: UUID | None = Field(description="The room where this person last was.")


class MePatch(Input):
    display_name: str | None = at_most(
        DISPLAY_NAME_MAX_LENGTH, default=None, description="Empty: others see the username. A guest's is never empty."
    )


class GuestIn(Input):
    display_name: str = at_most(DISPLAY_NAME_MAX_LENGTH, least=1, examples=["Gus"])


class GuestOut(Me):
    session_token: str | None = Field(None, description="For a client without cookies: its X-Session-Token.")


class RoomOut(Schema):
    id: UUID
    name: str
    kind: Literal["public", "private", "direct"]
    topic: str
    head: int = Field(description="seq of the last row of the log.")
    talk_count: int
    member_count: int
    partner: Person | None = Field(description="Of a direct room: the other of its two users.")
    role: Literal["member", "admin"] | None = Field(description="null: not a member.")
    unread: int
    mentions: int = Field(description="How many of the unread messages call one by name.")
    muted: bool
    favourite: bool
    talked_at: Instant = Field(description="When somebody last said something, to within a second.")
    opened_at: Instant


class ListedRoom(RoomOut):
    here: int = Field(description="People in the room now.")


class Rooms(Listed):
    rooms: list[ListedRoom]


class RoomIn(Input):
    name: str = at_most(ROOM_NAME_MAX_LENGTH, least=1, examples=["Lobby"])
    topic: str = at_most(TOPIC_MAX_LENGTH, default="", examples=["Whatever comes up"])
    kind: str = Field("public", json_schema_extra={"enum": ["public", "private"]})


class RoomPatch(Input):
    name: str | None = at_most(ROOM_NAME_MAX_LENGTH, least=1, default=None, examples=["Lobby"])
    topic: str | None = at_most(TOPIC_MAX_LENGTH, default=None)
    kind: str | None = Field(None, json_schema_extra={"enum": ["public", "private"]})
    confirm: Yes = Field(False, description="To become public: yes, the whole transcript will be readable.")


class MineIn(Input):
    """What is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    muted: Yes = False
    favourite: Yes = Field(False, description="Above the others in one's list.")

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("something is set: muted, or favourite")
        return self


class DirectIn(Input):
    username: str = at_most(USERNAME_MAX_LENGTH, least=1, examples=["bob"])


class InvitationIn(Input):
    seconds: Whole = Field(
        int(INVITATION_AGE.total_seconds()),
        ge=1,
        le=int(INVITATION_MAX_AGE.total_seconds()),
        description="How long it is good.",
    )
    uses: Whole | None = Field(
        None, ge=1, le=INVITATION_MAX_USES, description="For how many people; null: for any number."
    )


class InvitationOut(Schema):
    id: int
    code: str
    url: str
    created_by: Person
    expires_at: Instant
    uses_left: int | None
    used: int


class Invitations(Listed):
    invitations: list[InvitationOut]


class InvitationPreview(Schema):
    room: RoomName
    topic: str
    created_by: Person


class Blocks(Listed):
    people: list[Person]


class Candidates(Schema):
    people: list[Person]


class ReportIn(Input):
    reason: str = at_most(REASON_MAX_LENGTH, default="")


class Member(Schema):
    person: Person
    role: Literal["member", "admin"]


class Members(Listed):
    members: list[Member]


class MemberIn(Input):
    username: str = at_most(USERNAME_MAX_LENGTH, least=1, examples=["bob"])


class RoleIn(Input):
    role: Literal["member", "admin"]


class FileIn(Input):
    name: str = Field(json_schema_extra={"minLength": 1, "pattern": FILE_NAME}, examples=["notes.txt"])
    size: Whole = Field(
        json_schema_extra={"minimum": 0, "maximum": SEQ_MAX}, description="Bytes; 0 is a file too.", examples=[1_234]
    )
    type: str = Field(
        "",
        description="What the sender takes it for. The site looks at the bytes itself.",
    )


class UploadOut(Schema):
    id: UUID
    name: str = Field(description="As it is kept: on one line, without what no system can store.")
    size: int
    offset: int = Field(description="Bytes that have arrived.")
    chunk: int = Field(description="The most bytes that one PATCH takes.")


class AttachmentOut(Schema):
    id: UUID
    name: str
    size: int
    type: str = Field(description="What the bytes say.")
    kind: Literal["image", "audio", "video", "text", "other"]
    width: int | None
    height: int | None
    sha256: str
    url: str
    view_url: str | None = Field(description="A picture made anew, or what a player plays.")
    thumbnail_url: str | None
    preview_url: str | None = Field(description="The beginning of a text, as text/plain.")


class MessageOut(Schema):
    seq: int
    id: UUID
    room: UUID
    kind: str = Field(json_schema_extra={"enum": list(Message.Kind.values)})
    author: Person | None
    subject: Person | None
    target_seq: int | None = Field(description="The earlier row of the room that this one is about.")
    talk: int | None
    body: str
    at: Instant
    attachment: AttachmentOut | None
    redacted: bool = Field(description="A site admin has erased the words.")
    pinned: bool = Field(description="It was pinned when it was read.")
    hash: str
    client_id: str | None


class Visitor(Person):
    away: bool


class PresenceOut(Schema):
    version: int
    people: list[Visitor]
    count: int


class PinOut(Schema):
    seq: int = Field(description="Of the message that is pinned.")
    by: Person | None
    at: Instant


class PinnedMessage(PinOut):
    message: MessageOut


class Pins(Schema):
    pins: list[PinnedMessage] = Field(description="The newest first; 50 at most.")


class Messages(Schema):
    messages: list[MessageOut] = Field(
        description="In the order of seq: after a row all, unless `drawn` is true; otherwise those that are drawn."
    )
    head: int
    hash: str | None = Field(
        None, description="Of the row at `head`, to go on from: with neither `after` nor `before`, and with a reset."
    )
    around: int | None = Field(None, description="With `around` and `at`: the row that these are around.")
    more: bool = Field(description="There are more in the direction that was asked for, or in one of both.")
    more_before: bool = Field(False, description="There are older rows than these.")
    more_after: bool = Field(False, description="There are newer rows than these.")
    reset: bool = Field(False, description="What the client has is not this log: replace it by these messages.")
    pins: list[PinOut] | None = Field(None, description="Which messages are pinned, wherever there is a `hash`.")
    read_only: bool = Field(False, description="Nobody can write just now: what is posted is refused by `read_only`.")


class Files(Listed):
    files: list[MessageOut] = Field(description="The newest first.")


class PostIn(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"attachment": {"type": "null"}}},
            "then": {
                "required": ["body"],
                "properties": {"body": {"type": "string", "minLength": 1, "pattern": r"\S"}},
            },
        }
    )

    client_id: str = at_most(
        CLIENT_ID_MAX_LENGTH,
        least=1,
        pattern=f"^{CLIENT_ID.pattern}$",
        description="Chosen by the sender, new for each message.",
        examples=["4b1f2c9e"],
    )
    body: str | None = at_most(
        BODY_MAX_LENGTH,
        # Nothing normalises it: the action may say how long it is.
        max_length=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        pattern=NO_NUL,
        default=None,
        description="Needed where there is no attachment.",
        examples=["Hello!"],
    )
    attachment: UUID | None = Field(None, description="A finished upload of one's own to this room.")


class ReadIn(Input):
    seq: Whole = Field(ge=0, le=SEQ_MAX)
