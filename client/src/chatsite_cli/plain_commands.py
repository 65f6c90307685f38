"""What one can do in plain mode beside talking: lines that begin with a slash."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from chatsite_client import ChatsiteError, NotFound, Person, Room, download, drawing, safe, transcripts, upload

from chatsite_cli.reading import name_of_file

if TYPE_CHECKING:
    from chatsite_cli.plain import Plain

PAGE = 20


class Quit(Exception):
    """Whoever types has enough."""


class Commands:
    """Each method ``do_NAME`` is the command ``/NAME``; its docstring is the help."""

    def __init__(self, plain: "Plain") -> None:
        self._plain, self._api = plain, plain.api
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, line: str) -> None:
        """Raises Quit, ChatsiteError, OSError, ValueError."""
        name, _, rest = line[1:].partition(" ")
        work: Callable[[str], Awaitable[None]] | None = getattr(self, f"do_{name.lower()}", None)
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
            self._plain.say(f"* {safe.line(str(error))}")

    @property
    def _here(self) -> Room:
        if self._plain.room is None:
            raise ChatsiteError("You are in no room. Enter one by /go ROOM.")
        return self._plain.room

    # --- Rooms ---

    async def do_help(self, _: str) -> None:
        """List the commands."""
        for name in sorted(name for name in dir(self) if name.startswith("do_")):
            self._plain.say(f"* /{name[3:]} {getattr(self, name).__doc__}")

    async def do_quit(self, _: str) -> None:
        """End. What was not sent yet is kept."""
        raise Quit

    async def do_rooms(self, words: str) -> None:
        """[WORDS]: list your rooms."""
        for room in await self._api.rooms("mine", words):
            self._plain.say(f"* {drawing.room(room)}")

    async def do_public(self, words: str) -> None:
        """[WORDS]: list public rooms."""
        for room in await self._api.rooms("public", words):
            self._plain.say(f"* {drawing.room(room)}")

    async def do_go(self, name: str) -> None:
        """ROOM: enter another one of your rooms; @USER is your private talk with somebody."""
        await self._plain.enter(await self._api.find_room(name))

    async def do_join(self, name: str) -> None:
        """ROOM: become a member, and enter."""
        room = await self._api.find_room(name)
        await self._plain.enter(await self._api.join(room["id"]))

    async def do_leave(self, _: str) -> None:
        """Be a member of this room no more."""
        await self._api.leave_room(self._here["id"])
        self._plain.leave()

    async def do_create(self, name: str) -> None:
        """NAME: open a public room."""
        await self._plain.enter(await self._api.open_room(name))

    async def do_private(self, name: str) -> None:
        """NAME: open a private room."""
        await self._plain.enter(await self._api.open_room(name, is_private=True))

    async def do_rename(self, name: str) -> None:
        """NAME: rename this room."""
        self._plain.room = await self._api.change_room(self._here["id"], name=name)

    async def do_topic(self, topic: str) -> None:
        """TEXT: say what this room is about."""
        self._plain.room = await self._api.change_room(self._here["id"], topic=topic)

    async def do_kind(self, words: str) -> None:
        """private, or public confirm: change who may see this room."""
        kind, _, confirmed = words.partition(" ")
        self._plain.room = await self._api.change_room(self._here["id"], kind=kind, confirm=confirmed == "confirm")

    async def do_delete(self, name: str) -> None:
        """NAME: delete this room, whose name has to be given."""
        if name != self._here["name"]:
            raise ChatsiteError("To delete this room for everybody, say /delete and its name.")
        await self._api.delete_room(self._here["id"])
        self._plain.leave()

    async def do_mute(self, _: str) -> None:
        """Hear of this room no more while you are elsewhere."""
        await self._api.mute(self._here["id"])

    async def do_unmute(self, _: str) -> None:
        """Hear of it again."""
        await self._api.mute(self._here["id"], muted=False)

    # --- People ---

    async def do_who(self, _: str) -> None:
        """List who is here now."""
        presence = await self._api.call("GET", f"/api/v1/rooms/{self._here['id']}/presence")
        for person in presence["people"]:
            self._plain.say(f"* {drawing.person(person)}{' (away)' if person.get('away') else ''}")

    async def do_members(self, words: str) -> None:
        """[WORDS]: list who is a member."""
        for member in await self._api.members(self._here["id"], words):
            self._plain.say(f"* {drawing.member(member)}")

    async def do_add(self, username: str) -> None:
        """USER: make somebody a member."""
        await self._api.add_member(self._here["id"], username.removeprefix("@"))

    async def do_remove(self, username: str) -> None:
        """USER: remove somebody from this room."""
        await self._api.remove_member(self._here["id"], (await self._member(username))["id"])

    async def do_admin(self, username: str) -> None:
        """USER: make a member an admin."""
        await self._change_role(username, "admin")

    async def do_unadmin(self, username: str) -> None:
        """USER: take the admin role."""
        await self._change_role(username, "member")

    async def do_invite(self, _: str) -> None:
        """Make a link by which others come into this room, for a week."""
        self._plain.say(f"* {safe.line(str((await self._api.invite(self._here['id']))['url']))}")

    async def do_msg(self, words: str) -> None:
        """USER TEXT: say something to somebody alone."""
        username, _, text = words.partition(" ")
        if not text.strip():
            raise ChatsiteError("Say: /msg USER TEXT")
        self._plain.sender.send((await self._api.open_direct(username))["id"], text)

    async def do_block(self, username: str) -> None:
        """USER: no private words of theirs reach you any more."""
        await self._api.block((await self._partner(username))["id"])

    async def do_unblock(self, username: str) -> None:
        """USER: they do again."""
        wanted = username.removeprefix("@").casefold()
        for person in await self._api.blocked():
            if person["username"].casefold() == wanted:
                await self._api.block(person["id"], blocked=False)
                return
        raise NotFound(f"You have not blocked {username}.")

    async def do_report(self, words: str) -> None:
        """SEQ REASON: tell the site's admins of a message (/older shows numbers)."""
        seq, _, reason = words.partition(" ")
        await self._api.report(self._here["id"], int(seq), reason)
        self._plain.say("* The site's admins will look at it.")

    # --- The transcript ---

    async def do_older(self, _: str) -> None:
        """Show what was said before, with the number of each row."""
        page = await self._api.messages(self._here["id"], before=self._plain.oldest or None, limit=PAGE)
        for row in page["messages"]:
            self._plain.say(f"{row['seq']}: {drawing.at(row):%Y-%m-%d} {drawing.message(row)}")
        if page["messages"]:
            self._plain.oldest = page["messages"][0]["seq"]
        else:
            self._plain.say("* This is the beginning.")

    async def do_send(self, words: str) -> None:
        """FILE: send a file."""
        self._here  # noqa: B018 (raises where one is in no room)
        self.soon(self._send(self._here["id"], Path(words).expanduser()))

    async def do_get(self, words: str) -> None:
        """ID [FILE]: save a posted file."""
        file_id, _, target = words.partition(" ")
        path = Path(target.strip()).expanduser() if target.strip() else Path()
        if path.is_dir():
            path /= await name_of_file(self._api, file_id)
        await download(self._api, file_id, path)
        self._plain.say(f"* Saved: {safe.line(str(path))}")

    async def do_save(self, words: str) -> None:
        """FILE: write the whole transcript to a file (.txt, .md, .html, .jsonl)."""
        verified = await transcripts.save(self._api, self._here, Path(words).expanduser())
        self._plain.say("* Saved, and verified." if verified else "* Saved to read, not verified.")

    # --- How ---

    async def _send(self, room: str, path: Path) -> None:
        shown = -1

        def progress(done: int, size: int) -> None:
            nonlocal shown
            quarter = 4 * done // max(size, 1)
            if quarter not in {shown, 0, 4}:
                self._plain.say(f"* {safe.line(path.name, 60)}: {25 * quarter} %")
            shown = quarter

        file = await upload(self._api, room, path, progress=progress)
        self._plain.sender.send(room, "", attachment=file["id"])

    async def _change_role(self, username: str, role: str) -> None:
        person = await self._member(username)
        await self._api.change_role(self._here["id"], person["id"], cast(Literal["member", "admin"], role))

    async def _member(self, username: str) -> Person:
        wanted = username.removeprefix("@")
        for member in await self._api.members(self._here["id"], wanted):
            if member["person"]["username"].casefold() == wanted.casefold():
                return member["person"]
        raise NotFound(f"{username} is no member of this room.")

    async def _partner(self, username: str) -> Person:
        room = await self._api.open_direct(username)
        assert room["partner"]
        return room["partner"]
