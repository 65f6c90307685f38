"""What commands work on, and what they share."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from chatsite_client import Api, ChatsiteError, NotFound, Outbox, Person, Room, Sender, safe

from chatsite_cli.run import sentence_of
from chatsite_cli.settings import Settings

# Bytes that have arrived, and bytes of all.
Progress = Callable[[int, int], None]


class Quit(Exception):
    """Whoever types has enough."""


class Talk(Protocol):
    """Somebody's talk, line by line or on the screen."""

    api: Api
    sender: Sender
    box: Outbox
    settings: Settings
    # The room that is shown.
    room: Room | None

    def say(self, text: str) -> None:
        """Show a line to this person alone. What it holds has to be safe already."""

    async def enter(self, room: Room) -> None:
        """Show a room, and be present there instead of in the one before."""

    def leave(self) -> None:
        """Show no room."""

    async def show_older(self) -> None:
        """Show what was said before."""

    def changed(self) -> None:
        """A setting, or the outbox, is another one now."""

    def progress(self, path: Path) -> AbstractContextManager[Progress]:
        """Show how much of a file has arrived."""


class CommandsOfTalk:
    """Each method ``do_NAME`` of what is derived from it is the command ``/NAME``; its docstring is the help."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    def table(cls) -> dict[str, str]:
        """Return each command's name and what it does, in alphabetical order."""
        return {name[3:]: getattr(cls, name).__doc__ for name in sorted(dir(cls)) if name.startswith("do_")}

    async def run(self, line: str) -> None:
        """Raises Quit, ChatsiteError, OSError, ValueError."""
        name, _, rest = line[1:].partition(" ")
        work: Callable[[str], Coroutine[Any, Any, None]] | None = getattr(self, f"do_{name.lower()}", None)
        if work is None:
            raise ChatsiteError(f"There is no command /{name}. /help lists them; // begins words with a slash.")
        await work(rest.strip())

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it beside what is typed."""
        task = asyncio.create_task(self._told(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (ChatsiteError, OSError) as error:
            self.say(sentence_of(error))

    def say(self, text: str) -> None:
        self.talk.say(f"* {text}")

    @property
    def api(self) -> Api:
        return self.talk.api

    @property
    def here(self) -> Room:
        if self.talk.room is None:
            raise ChatsiteError("You are in no room. Enter one by /go ROOM.")
        return self.talk.room

    async def member(self, username: str) -> Person:
        wanted = username.removeprefix("@")
        for member in await self.api.members(self.here["id"], wanted):
            if member["person"]["username"].casefold() == wanted.casefold():
                return member["person"]
        raise NotFound(f"{safe.line(username)} is no member of this room.")
