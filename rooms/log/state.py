"""What rows about rows have made of a room, kept beside the log in the same transaction: no reader has to work it out.

It follows from the log alone. ``pins_after`` says how, to check it and to make it anew; ``apply`` does the same row by
row. What mentions there are is decided with each message; the numbers of unread ones follow from them.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from rooms.log import mentions
from rooms.models import Membership, Mention, Message, Pin, Room

# The kinds of rows that end a pin: an erased message is pinned no longer.
UNPINNING = (Message.Kind.UNPINNED, Message.Kind.REDACTED)


def apply(row: Message) -> None:
    """Apply a row that has just been inserted to the stored state. ``row.room`` is the room that the caller locked."""
    room, target = row.room, row.target_seq
    if target is None:
        return
    if row.kind == Message.Kind.PINNED:
        Pin.objects.create(room=room, message=room.messages.get(seq=target), row=row)
    elif row.kind in UNPINNING and room.pin_count:
        room.pins.filter(message__seq=target).delete()
    else:
        return
    _count(room)


def pins_after(rows: Iterable[Message]) -> dict[int, int]:
    """Return the pinned messages after these rows, given in order: their seq, and that of the row that pinned each."""
    pinned: dict[int, int] = {}
    for row in rows:
        if row.target is None:
            continue
        if row.kind == Message.Kind.PINNED:
            pinned[row.target] = row.seq
        elif row.kind in UNPINNING:
            pinned.pop(row.target, None)
    return pinned


@transaction.atomic
def fault_of(room: Room) -> str | None:
    """Return a sentence if the stored state of ``room`` does not follow from its log, else nothing."""
    room = Room.objects.locked(room.pk)
    kept = dict(room.pins.values_list("message__seq", "row__seq"))
    if kept != pins_after(_rows_of(room)):
        return "what is pinned is not what the log says"
    if room.pin_count != len(kept):
        return f"the room counts {room.pin_count} pinned messages, and has {len(kept)}"
    return mentions.fault_of(room)


@transaction.atomic
def rebuild(room: Room) -> None:
    """Rebuild the stored state of ``room`` from its log."""
    room = Room.objects.locked(room.pk)
    pinned = pins_after(_rows_of(room))
    rows = {row.seq: row for row in room.messages.filter(seq__in=[*pinned, *pinned.values()])}
    room.pins.all().delete()
    Pin.objects.bulk_create(Pin(room=room, message=rows[seq], row=rows[by]) for seq, by in pinned.items())
    _count(room)
    mentions.recount(room)


def rooms_with_state() -> Iterable[Room]:
    """Return the rooms that have stored state, or should have; rows with a target are found by their index."""
    about = Message.objects.filter(target_seq__isnull=False).order_by().values("room").distinct()
    pinned = Pin.objects.order_by().values("room").distinct()
    called = Mention.objects.order_by().values("room").distinct()
    counting = Membership.objects.filter(unread_mentions__gt=0).order_by().values("room").distinct()
    kept = Q(pk__in=about) | Q(pk__in=pinned) | Q(pin_count__gt=0) | Q(pk__in=called) | Q(pk__in=counting)
    found: Iterable[Room] = Room.objects.filter(kept)
    return found


def _rows_of(room: Room) -> Iterable[Message]:
    rows: Iterable[Message] = room.messages.about_rows().only("room", "seq", "kind", "target_seq", "body")
    return rows


def _count(room: Room) -> None:
    room.pin_count = room.pins.count()
    room.save(update_fields=["pin_count"])
