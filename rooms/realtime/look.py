"""The look each second that keeps a process true, whatever hints were lost; a short one where nothing was committed."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone

from rooms.realtime import heads
from rooms.realtime.sign import Sign
from rooms.realtime.threads import in_database

if TYPE_CHECKING:
    from rooms.realtime.hub import Hub

# Seconds between two looks: the most that a lost hint costs.
LOOK_EVERY = 1.0
# Looks after which everything is asked, whatever the sign says.
ALL_EVERY = 10


class Look:
    """A part of the hub, on its event loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._sign = Sign()
        # The sign before the questions were asked last; None where something here has changed since.
        self._seen: str | None = None
        self._turn = 0
        # When the first session here runs out, of which no commit tells.
        self._first_end: datetime | None = None
        # The people as the question wants them, and of which time.
        self._people = ""
        self._people_version = -1

    def again(self) -> None:
        """Something has come in, or could not be done: ask at the next look, though nothing be committed until then."""
        self._seen = None

    async def look(self) -> None:
        self._turn += 1
        sign = await self.sign()
        is_quiet = sign is not None and sign == self._seen and not self._has_run_out()
        if is_quiet and self._turn % ALL_EVERY:
            return
        # Before the questions: what comes in while they are asked says `again`.
        self._seen = sign
        try:
            await self.at_all()
        except BaseException:
            self.again()
            raise

    def _has_run_out(self) -> bool:
        return self._first_end is not None and self._first_end <= timezone.now()

    async def sign(self) -> str | None:
        return await in_database(self._sign.read)

    async def at_all(self) -> None:
        """Ask how far the open rooms are, and who may no longer be connected."""
        await self._hub.read_only.look()
        if self._hub.feeds:
            await self._hub.delivery.look()
        self._first_end = None
        if self._hub.people.anybody():
            await self._at_people()

    async def _at_people(self) -> None:
        here = self._here()
        gone = await in_database(heads.gone, here)
        self._first_end = await in_database(heads.first_end, here)
        if not gone:
            return
        for socket, room_id in self._hub.people.all():
            may_hold = gone.get(socket.session_key)
            if may_hold is None:
                continue
            if may_hold:
                self._hub.people.check_in_socket(socket, room_id)
            else:
                self._hub.people.sign_out(socket, room_id)

    def _here(self) -> str:
        people = self._hub.people
        if people.version != self._people_version:
            here = {socket.session_key: heads.sign_of(socket.user) for socket, _room in people.all()}
            self._people, self._people_version = json.dumps(here), people.version
        return self._people

    async def close(self) -> None:
        await in_database(self._sign.close)
