"""Compares how far the open rooms were sent with how far their logs are."""

from rooms.realtime.fanout import head_queries
from rooms.realtime.fanout.catch_up import CatchUp
from rooms.realtime.fanout.delivery import Delivery
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.threads import in_database


class HeadCheck:
    """On the event loop."""

    def __init__(self, rooms: LiveRooms, delivery: Delivery, catch_up: CatchUp) -> None:
        self._rooms = rooms
        self._delivery = delivery
        self._catch_up = catch_up

    async def check(self) -> None:
        """Catch up rooms that are behind, close deleted ones, restart those whose log is another one."""
        rooms = dict(self._rooms.by_id)
        if not rooms:
            return
        known = {
            room_id: None if room.head is None else head_queries.Head(room.head, room.hash)
            for room_id, room in rooms.items()
        }
        for room_id, now in (await in_database(head_queries.changed, known)).items():
            room, head = rooms[room_id], known[room_id]
            if now is None:
                self._delivery.close_room(room_id)
            elif room.head is not None and now.seq > room.head:
                self._catch_up.catch_up(room)
            elif head is not None and now.seq <= head.seq:
                # Compared with the head of before the question: the room may have gone on since.
                self._delivery.restart(room)
