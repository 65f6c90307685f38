"""Saying something in a room: a batch of posts is loaded, decided and appended in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from chatsite import statements
from rooms import errors
from rooms.actions.post_batch import Loaded, load
from rooms.actions.posts import Post, Posted, PostKey, clean_post, key_of
from rooms.log.append import Draft, chain_up, store
from rooms.models import Attachment, Membership, Message, Room


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
        return _post_messages(posts, with_stored=True)
    try:
        return _post_messages(posts, with_stored=False)
    except IntegrityError as error:
        if "client_id" not in str(error):
            raise
    # A post has been stored before. To learn it from the constraint costs less than to look for each post first.
    return _post_messages(posts, with_stored=True)


@transaction.atomic
def _post_messages(posts: Sequence[Post], *, with_stored: bool) -> list[Posted | errors.RoomError]:
    loaded = load(posts, with_stored=with_stored)
    decided = decide(posts, loaded)
    rows = append(decided, loaded)
    return answer(posts, decided, {**{key_of(row): row for row in rows}, **loaded.stored})


@dataclass(slots=True)
class Decided:
    """The decision about each post of a batch. A post in neither was stored before, or is in the batch twice."""

    drafts: dict[PostKey, Draft] = field(default_factory=dict)
    refused: dict[int, errors.RoomError] = field(default_factory=dict)


def decide(posts: Sequence[Post], loaded: Loaded) -> Decided:
    """Decide about each post in turn: a row to append, the row that it has already, or why it is refused."""
    decided = Decided()
    for index, post in enumerate(posts):
        try:
            author = loaded.author_of(post)
            before = decided.drafts.get(post.key) or loaded.stored.get(post.key)
            if before is None:
                decided.drafts[post.key] = _draft_of(post, author, loaded.files)
            elif not _is_same(before, post):
                raise errors.ClientIdReused
        except errors.RoomError as error:
            decided.refused[index] = error
    return decided


def append(decided: Decided, loaded: Loaded) -> list[Message]:
    """Append the drafts to the logs of their rooms, in their order."""
    by_room: dict[UUID, list[Draft]] = {}
    for (room_id, _author, _client_id), draft in decided.drafts.items():
        by_room.setdefault(room_id, []).append(draft)
    rows = [row for room_id, drafts in by_room.items() for row in chain_up(loaded.rooms[room_id], drafts)]
    if rows:
        store([loaded.rooms[room_id] for room_id in by_room], rows)
        _note_posted(rows)
        _have_read_their_own(rows, loaded.members)
    return rows


def answer(posts: Sequence[Post], decided: Decided, rows: dict[PostKey, Message]) -> list[Posted | errors.RoomError]:
    """Return for each post its row, or why it was refused. Of the same post twice, the first has created the row."""
    fresh = set(decided.drafts)
    answers: list[Posted | errors.RoomError] = []
    for index, post in enumerate(posts):
        if index in decided.refused:
            answers.append(decided.refused[index])
        else:
            answers.append(Posted(rows[post.key], created=post.key in fresh))
            fresh.discard(post.key)
    return answers


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
    if isinstance(before, Message) and before.is_redacted:
        # The words are erased, so nobody can tell whether the post is the same.
        return True
    attachment_id = before.attachment.pk if before.attachment else None
    return before.body == post.body and attachment_id == post.attachment_id


def _note_posted(rows: Iterable[Message]) -> None:
    for row in rows:
        if row.attachment:
            row.attachment.save(update_fields=["state", "digest"])


def _have_read_their_own(rows: Iterable[Message], members: dict[tuple[UUID, UUID], Membership]) -> None:
    """Mark a message as read by its author, if they had read all messages before it."""
    changed: dict[int, Membership] = {}
    for row in rows:
        assert row.author_id is not None
        assert row.talk is not None
        membership = members[row.room_id, row.author_id]
        if membership.read_talk == row.talk - 1:
            membership.read_talk = row.talk
            changed[membership.pk] = membership
    # Nearly always one: if several users post at once, the others have not read the first post yet.
    for membership in changed.values():
        statements.update(membership, "read_talk")
