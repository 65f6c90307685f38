"""What the actions announce once it is committed. Realtime listens, so actions never import it."""

from django.dispatch import Signal

# rows: list[Message], of one or several rooms, each room's in seq order, with author and subject at hand.
committed = Signal()
# Somebody has read up to a talk: user_id, room_id, talk.
read = Signal()
# People are called by name in a room, or are not any more, or have read it: room_id, user_ids.
mentions = Signal()
# Somebody's list of rooms shows something else now, which no row tells: user_id.
list_changed = Signal()
