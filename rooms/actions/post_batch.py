"""Loads what decides about posts, for a whole batch at once, in the transaction that appends its rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Block, User
from chatsite import statements
from rooms import errors
from rooms.actions.posts import Post, PostKey, key_of
from rooms.models import Attachment, Membership, Message, Room

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


@dataclass(frozen=True, slots=True)
class Loaded:
    """The rooms of a batch, locked, and what else its posts are decided by."""

    rooms: dict[UUID, Room]
    members: dict[tuple[UUID, UUID], Membership]
    # Rows that the same posts made before; empty if the caller did not ask for them.
    stored: dict[PostKey, Message]
    files: dict[UUID, Attachment]
    # The direct rooms in which one of the two has blocked the other.
    blocked: set[UUID]

    def author_of(self, post: Post) -> User:
        """Return the author as the database has them now, or raise why they may not post here."""
        room = self.rooms.get(post.room_id)
        if room is None:
            raise errors.NoSuchRoom
        author = room.admit_as(self.members.get((post.room_id, post.author.pk))).user
        if not author.is_active:
            raise errors.NoSuchRoom
        if post.room_id in self.blocked:
            raise errors.Blocked
        return author


def load(posts: Sequence[Post], *, with_stored: bool) -> Loaded:
    """Lock the rooms of these posts and read what decides about them; ``with_stored`` looks for the posts' own rows."""
    rooms = _locked_rooms(posts)
    members = _memberships(posts)
    stored = _stored_before(posts) if with_stored else {}
    files = _held_files(posts)
    return Loaded(rooms, members, stored, files, _blocked(rooms.values()))


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


def _blocked(rooms: Iterable[Room]) -> set[UUID]:
    """Return the direct rooms in which nobody may post, because one user has blocked the other."""
    pairs = {frozenset((room.one_id, room.other_id)): room.pk for room in rooms if room.is_direct}
    if not pairs:
        return set()
    people = set().union(*pairs)
    blocks = Block.objects.filter(blocker__in=people, blocked__in=people).values_list("blocker_id", "blocked_id")
    return {pairs[pair] for pair in map(frozenset, blocks) if pair in pairs}


def _held_files(posts: Sequence[Post]) -> dict[UUID, Attachment]:
    """Lock and return the files of these posts: no file is posted twice, or swept while it is posted."""
    ids = {post.attachment_id for post in posts if post.attachment_id}
    if not ids:
        return {}
    return {file.pk: file for file in Attachment.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _stored_before(posts: Sequence[Post]) -> dict[PostKey, Message]:
    rows = Message.objects.with_people().filter(
        client_id__in={post.client_id for post in posts},
        room__in={post.room_id for post in posts},
        author__in={post.author.pk for post in posts},
    )
    return {key_of(row): row for row in rows}
