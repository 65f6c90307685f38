"""Saying something in a room."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import Block, User
from rooms import errors
from rooms.log.append import Draft, chain_up, store
from rooms.models import BODY_MAX_LENGTH, CLIENT_ID_MAX_LENGTH, Attachment, Membership, Message, Room
from rooms.queries import statements

CLIENT_ID = re.compile(rf"[A-Za-z0-9._-]{{1,{CLIENT_ID_MAX_LENGTH}}}")
# What a post needs to know of its room, and of who speaks; in the order of the models' fields.
ROOM_COLUMNS = ("id", "kind", "last_seq", "talk_count", "head_hash", "talked_at", "one_id", "other_id", "deleted_at")
MEMBER_COLUMNS = ("id", "room_id", "user_id", "state", "role", "read_talk")
PERSON_COLUMNS = ("is_active", "id", "username", "display_name", "deleted_at", "picture")
# In id order, so that two batches which share rooms cannot wait for each other.
_LOCKED_ROOMS = statements.Prepared(
    lambda ids: Room.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list(*ROOM_COLUMNS)
)
_MEMBERS = statements.Prepared(
    lambda rooms, people: Membership.objects.filter(room__in=rooms, user__in=people).values_list(
        *MEMBER_COLUMNS, *(f"user__{name}" for name in PERSON_COLUMNS)
    )
)
# The room, who speaks, and the client_id: what makes a post the same post.
PostKey = tuple[UUID, UUID, str]


@dataclass(frozen=True, slots=True)
class Post:
    """Words, or a file with some, on their way into a room. The same ``client_id`` again is the same message."""

    room_id: UUID
    author: User
    client_id: str
    body: str
    # Of a file that its owner has uploaded to this room.
    attachment_id: UUID | None = None

    @property
    def key(self) -> PostKey:
        return (self.room_id, self.author.pk, self.client_id)


def key_of(row: Message) -> PostKey:
    """Return the key of the post that became this row."""
    assert row.author_id is not None
    assert row.client_id is not None
    return (row.room_id, row.author_id, row.client_id)


@dataclass(frozen=True, slots=True)
class Posted:
    """The row that holds the words; ``created`` is false where an earlier call had stored them."""

    row: Message
    created: bool


def clean_post(*, room_id: UUID, author: User, client_id: object, body: object, attachment: object = None) -> Post:
    """Return what can be stored, or raise the reason why it cannot. A file needs no words."""
    if not isinstance(client_id, str) or not CLIENT_ID.fullmatch(client_id):
        raise errors.BadClientId
    attachment_id = None if attachment is None else _clean_id(attachment)
    if attachment_id and body is None:
        body = ""
    if not isinstance(body, str):
        raise errors.BadMessage
    body = body.replace("\r\n", "\n").strip("\n")
    if not body.strip():
        if attachment_id is None:
            raise errors.EmptyMessage
        body = ""
    if len(body) > BODY_MAX_LENGTH:
        raise errors.MessageTooLong
    # PostgreSQL stores no NUL, and a lone surrogate is not UTF-8.
    if "\0" in body or (not body.isascii() and any("\ud800" <= character <= "\udfff" for character in body)):
        raise errors.BadMessage
    return Post(room_id, author, client_id, body, attachment_id)


def _clean_id(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise errors.NoSuchFile from None


def post_message(room: Room, *, actor: User, client_id: str, body: str, attachment: UUID | None = None) -> Posted:
    """Store one message. The writer is quicker for many; both end in ``post_messages``."""
    post = clean_post(room_id=room.pk, author=actor, client_id=client_id, body=body, attachment=attachment)
    (answer,) = post_messages([post])
    if isinstance(answer, errors.RoomError):
        raise answer
    return answer


def post_messages(posts: Sequence[Post]) -> list[Posted | errors.RoomError]:
    """Store cleaned posts, of any rooms, in one transaction; answer each in its place. A refused one stores nothing."""
    if any(post.attachment_id for post in posts):
        # A file that has been posted is refused before the constraint could say that this is the same post.
        return _post_messages(posts, look_for=_stored_before)
    try:
        return _post_messages(posts, look_for=lambda posts: {})
    except IntegrityError as error:
        if "client_id" not in str(error):
            raise
    # One of them has been stored before, which the constraint says sooner than a look at each of the others would.
    return _post_messages(posts, look_for=_stored_before)


@transaction.atomic
def _post_messages(
    posts: Sequence[Post], *, look_for: Callable[[Sequence[Post]], dict[PostKey, Message]]
) -> list[Posted | errors.RoomError]:
    rooms = _locked_rooms(posts)
    members = _memberships(posts)
    stored = look_for(posts)
    files = _held_files(posts)
    erased = [row for row in stored.values() if row.is_redacted]
    barred = _barred(rooms.values())
    drafts: dict[UUID, list[Draft]] = {}
    refused: dict[int, errors.RoomError] = {}
    fresh: dict[PostKey, Draft] = {}
    for place, post in enumerate(posts):
        try:
            author = _require_member(rooms.get(post.room_id), members.get((post.room_id, post.author.pk)))
            if post.room_id in barred:
                raise errors.Blocked
            before = fresh.get(post.key) or stored.get(post.key)
            if before is None:
                fresh[post.key] = _draft_of(post, author, files)
                drafts.setdefault(post.room_id, []).append(fresh[post.key])
            elif before not in erased and not _is_same(before, post):
                raise errors.ClientIdReused
        except errors.RoomError as error:
            refused[place] = error
    rows = [row for room_id, waiting in drafts.items() for row in chain_up(rooms[room_id], waiting)]
    if rows:
        store([rooms[room_id] for room_id in drafts], rows)
        _note_posted(rows)
        _have_read_their_own(rows, members)
    new = {key_of(row): row for row in rows}
    answers: list[Posted | errors.RoomError] = []
    for place, post in enumerate(posts):
        if place in refused:
            answers.append(refused[place])
        elif post.key in stored:
            answers.append(Posted(stored[post.key], created=False))
        else:
            # Of the same post several times in one batch, the first has created the row.
            answers.append(Posted(new[post.key], created=fresh.pop(post.key, None) is not None))
    return answers


def _locked_rooms(posts: Sequence[Post]) -> dict[UUID, Room]:
    rows = _LOCKED_ROOMS.rows({post.room_id for post in posts})
    return {room.pk: room for room in (Room.from_db(None, ROOM_COLUMNS, row) for row in rows)}


def _memberships(posts: Sequence[Post]) -> dict[tuple[UUID, UUID], Membership]:
    rows = _MEMBERS.rows({post.room_id for post in posts}, {post.author.pk for post in posts})
    return {(member.room_id, member.user_id): member for member in map(_member_of, rows)}


def _member_of(row: statements.Row) -> Membership:
    member = Membership.from_db(None, MEMBER_COLUMNS, row[: len(MEMBER_COLUMNS)])
    member.user = User.from_db(None, PERSON_COLUMNS, row[len(MEMBER_COLUMNS) :])
    return member


def _barred(rooms: Iterable[Room]) -> set[UUID]:
    """Return the direct rooms in which nothing is said any more, because one of the two has blocked the other."""
    pairs = {frozenset((room.one_id, room.other_id)): room.pk for room in rooms if room.is_direct}
    if not pairs:
        return set()
    people = set().union(*pairs)
    blocks = Block.objects.filter(blocker__in=people, blocked__in=people).values_list("blocker_id", "blocked_id")
    return {pairs[pair] for pair in map(frozenset, blocks) if pair in pairs}


def _held_files(posts: Sequence[Post]) -> dict[UUID, Attachment]:
    """Return the files of these posts, held: no file is posted twice, or swept while it is posted."""
    ids = {post.attachment_id for post in posts if post.attachment_id}
    if not ids:
        return {}
    return {file.pk: file for file in Attachment.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _draft_of(post: Post, author: User, files: dict[UUID, Attachment]) -> Draft:
    if post.attachment_id is None:
        return Draft(Message.Kind.TEXT, author, body=post.body, client_id=post.client_id)
    file = files.get(post.attachment_id)
    if file is None or file.owner_id != author.pk or file.room_id != post.room_id:
        raise errors.NoSuchFile
    if file.state == Attachment.State.POSTED:
        raise errors.FileUsed
    if not file.is_whole:
        raise errors.Incomplete(file.received)
    # For the posts after this one in the same batch; stored with the row.
    file.state = Attachment.State.POSTED
    return Draft(Message.Kind.FILE, author, body=post.body, client_id=post.client_id, attachment=file)


def _is_same(before: Draft | Message, post: Post) -> bool:
    attachment_id = before.attachment.pk if before.attachment else None
    return before.body == post.body and attachment_id == post.attachment_id


def _note_posted(rows: Iterable[Message]) -> None:
    for row in rows:
        if row.attachment:
            row.attachment.save(update_fields=["state", "digest"])


def _have_read_their_own(rows: Iterable[Message], members: dict[tuple[UUID, UUID], Membership]) -> None:
    """What somebody says themselves is not unread to them, if they had read all that was said before it."""
    changed: dict[int, Membership] = {}
    for row in rows:
        assert row.author_id is not None
        assert row.talk is not None
        membership = members[row.room_id, row.author_id]
        if membership.read_talk == row.talk - 1:
            membership.read_talk = row.talk
            changed[membership.pk] = membership
    # Hardly ever more than one: of several who speak at once, the others have not read the first one's words yet.
    for membership in changed.values():
        statements.update(membership, "read_talk")


def _stored_before(posts: Sequence[Post]) -> dict[PostKey, Message]:
    rows = Message.objects.with_people().filter(
        client_id__in={post.client_id for post in posts},
        room__in={post.room_id for post in posts},
        author__in={post.author.pk for post in posts},
    )
    return {key_of(row): row for row in rows}


def _require_member(room: Room | None, membership: Membership | None) -> User:
    """Return the author as the database has them now, or raise why they may not speak here."""
    if room is None:
        raise errors.NoSuchRoom
    author = room.admit_as(membership).user
    if not author.is_active:
        raise errors.NoSuchRoom
    return author
