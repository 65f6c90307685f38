"""Which messages of a room are pinned now."""

from rooms.models import Pin, Room


def pins_of(room: Room) -> list[Pin]:
    """Return the room's pins, the newest first; no query where its row says that there are none."""
    return list(room.pins.with_people().newest_first()) if room.pin_count else []


def pins_with_messages(room: Room) -> list[Pin]:
    """Return them with all that the JSON of their messages shows."""
    if not room.pin_count:
        return []
    pins = list(room.pins.with_people().with_messages().newest_first())
    for pin in pins:
        pin.message.is_pinned = True
    return pins
