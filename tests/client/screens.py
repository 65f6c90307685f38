"""The screen without a terminal around it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from chatsite_cli.screen.app import ChatApp
from chatsite_cli.settings import Settings
from chatsite_client import Live, Outbox, Room, Sender
from textual.pilot import Pilot

from tests.client.people import Person
from tests.scripts import PATIENCE

STEP = 0.05


class Seat:
    """Somebody before their screen."""

    def __init__(self, app: ChatApp, pilot: Pilot) -> None:
        self.app, self.pilot = app, pilot

    @property
    def room(self) -> Room:
        assert self.app.room
        return self.app.room

    async def until(self, condition: Callable[[], object]) -> None:
        for _ in range(int(PATIENCE / STEP)):
            if condition():
                await self.pilot.pause()
                return
            await self.pilot.pause(STEP)
        raise AssertionError(f"It did not come. This is shown:\n{self.shown()}")

    async def sees(self, words: str) -> None:
        await self.until(lambda: words in self.shown())

    async def says(self, line: str) -> None:
        self.app.composer.write(line)
        await self.pilot.press("enter")

    def lines(self) -> list[str]:
        """Return what is on the screen, as text."""
        return ["".join(segment.text for segment in strip) for strip in self.strips()]

    def strips(self) -> list:
        return list(self.app.screen._compositor.render_strips())

    def shown(self) -> str:
        return "\n".join(self.lines())


@asynccontextmanager
async def screen(
    person: Person, folder: Path, room: str | None, *, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Seat]:
    async with person.api() as api:
        me = (await api.me())["id"]
        with Outbox(folder / "outbox") as box:
            async with Live(api) as live:
                app = ChatApp(api, live, box, Settings(folder), room=room, me=me)
                async with Sender(api, box, app.heard_of) as app.sender, app.run_test(size=size) as pilot:
                    seat = Seat(app, pilot)
                    await seat.until(lambda: app.room is not None and app.transcript.rows)
                    yield seat
