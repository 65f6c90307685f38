"""Opening, naming and deleting rooms."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from chatsite.text import TextTooLongError, can_be_seen, fold, one_line
from rooms import errors
from rooms.actions.files import discard_objects
from rooms.actions.memberships import have_an_admin
from rooms.log import triggers
from rooms.log.append import announce
from rooms.models import (
    KEPT_DELETED,
    ROOM_NAME_MAX_LENGTH,
    TOPIC_MAX_LENGTH,
    Membership,
    Message,
    Report,
    Room,
    looks_after_rooms,
)


def clean_name(name: str) -> str:
    """Return a name on one line, or raise ``BadName``."""
    try:
        name = one_line(name)
    except TextTooLongError:
        raise errors.BadName from None
    if not can_be_seen(name) or len(name) > ROOM_NAME_MAX_LENGTH:
        raise errors.BadName
    return name


def clean_topic(topic: str) -> str:
    try:
        topic = one_line(topic)
    except TextTooLongError:
        raise errors.BadTopic from None
    if len(topic) > TOPIC_MAX_LENGTH:
        raise errors.BadTopic
    return topic


def clean_kind(kind: str) -> str:
    """Return the kind of a room that people open; a direct one is made by ``open_direct`` alone."""
    if kind not in (Room.Kind.PUBLIC, Room.Kind.PRIVATE):
        raise errors.BadKind
    return kind


@contextmanager
def name_kept_unique() -> Iterator[None]:
    """Turn the breach of the constraint on public names into its error, without spoiling the transaction around."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "rooms_room_public_name_unique" in str(error) or "name_folded" in str(error):
            raise errors.NameTaken from error
        raise


@transaction.atomic
def open_room(*, actor: User, name: str, topic: str = "", kind: str = Room.Kind.PUBLIC) -> Room:
    """Open a room whose first member and admin is ``actor``, who is no guest."""
    if actor.is_guest:
        raise errors.GuestsCannot
    kind = clean_kind(kind)
    name = clean_name(name)
    room = Room(kind=kind, name=name, name_folded=fold(name), topic=clean_topic(topic), created_by=actor)
    room.member_count = 1
    with name_kept_unique():
        room.save(force_insert=True)
    Membership.objects.create(room=room, user=actor, role=Membership.Role.ADMIN, visited_at=timezone.now())
    announce(room, actor=actor, kind=Message.Kind.OPENED, body=name)
    return room


@transaction.atomic
def rename_room(room: Room, *, actor: User, name: str) -> Message | None:
    """Give the room another name; the row that says so, or None where it has that name already."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    name = clean_name(name)
    if name == room.name:
        return None
    room.name, room.name_folded = name, fold(name)
    with name_kept_unique():
        room.save(update_fields=["name", "name_folded"])
    return announce(room, actor=actor, kind=Message.Kind.RENAMED, body=name)


@transaction.atomic
def set_topic(room: Room, *, actor: User, topic: str) -> Message | None:
    """Set what the room is about; the row that says so, or None where nothing changes."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    topic = clean_topic(topic)
    if topic == room.topic:
        return None
    room.topic = topic
    room.save(update_fields=["topic"])
    return announce(room, actor=actor, kind=Message.Kind.TOPIC_CHANGED, body=topic)


@transaction.atomic
def set_kind(room: Room, *, actor: User, kind: str, confirm: bool = False) -> Message | None:
    """Make a room public or private; to become public takes ``confirm``, for its whole transcript can then be read."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    kind = clean_kind(kind)
    if kind == room.kind:
        return None
    if kind == Room.Kind.PUBLIC and not confirm:
        raise errors.ConfirmPublic
    room.kind = kind
    with name_kept_unique():
        room.save(update_fields=["kind"])
    return announce(room, actor=actor, kind=Message.Kind.KIND_CHANGED, body=kind)


@transaction.atomic
def change_room(  # noqa: PLR0913 (what can be changed)
    room: Room,
    *,
    actor: User,
    name: str | None = None,
    topic: str | None = None,
    kind: str | None = None,
    confirm: bool = False,
) -> None:
    """Change what is given, all of it or, when one part is refused, nothing."""
    Room.objects.locked(room.pk).require_admin(actor)
    if name is not None:
        rename_room(room, actor=actor, name=name)
    if topic is not None:
        set_topic(room, actor=actor, topic=topic)
    if kind is not None:
        set_kind(room, actor=actor, kind=kind, confirm=confirm)


@transaction.atomic
def delete_room(room: Room, *, actor: User | None) -> Room:
    """End everybody's access to the room at once. Its rows stay until it is purged."""
    room = Room.objects.locked(room.pk)
    room.require_admin(actor)
    announce(room, actor=actor, kind=Message.Kind.DELETED)
    room.deleted_at = timezone.now()
    room.save(update_fields=["deleted_at"])
    return room


@transaction.atomic
def restore_room(room: Room, *, actor: User | None) -> Room:
    """Give a deleted room back to its members, as it was; a site admin can, for 30 days."""
    require_site_admin(actor)
    room = Room.objects.locked(room.pk)
    if room.deleted_at is None:
        return room
    if room.deleted_at < timezone.now() - KEPT_DELETED:
        raise errors.GoneForGood
    room.deleted_at = None
    with name_kept_unique():
        room.save(update_fields=["deleted_at"])
    announce(room, actor=actor, kind=Message.Kind.RESTORED)
    have_an_admin(room)
    return room


@transaction.atomic
def purge_room(room: Room) -> None:
    """Remove a room that nobody can restore any more, with its log and all that belongs to it."""
    room = Room.objects.locked(room.pk)
    if room.deleted_at is None or room.deleted_at > timezone.now() - KEPT_DELETED:
        return
    record("purged", actor=None, target=room)
    Report.objects.filter(message__room=room).delete()
    room.pins.all().delete()
    discard_objects(room.attachments.all())
    with triggers.lifted():
        # No other table refers to the rows any more. Django's own delete() would fetch each row first, to find out.
        rows = room.messages.all()
        rows._raw_delete(rows.db)
    room.delete()


def require_site_admin(actor: User | None) -> None:
    """Let pass only who looks after all rooms."""
    if not looks_after_rooms(actor):
        raise errors.NotSiteAdmin
