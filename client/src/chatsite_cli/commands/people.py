"""Commands about people."""

from contextlib import suppress
from typing import Literal

from chatsite_client import ChatsiteError, NotFound, Person, drawing, safe

from chatsite_cli.commands.base import CommandsOfTalk


class PeopleCommands(CommandsOfTalk):
    async def do_who(self, _: str) -> None:
        """List who is here now."""
        presence = await self.api.call("GET", f"/api/v1/rooms/{self.here['id']}/presence")
        for person in presence["people"]:
            self.say(f"{drawing.person(person)}{' (away)' if person.get('away') else ''}")

    async def do_members(self, words: str) -> None:
        """[WORDS]: list who is a member."""
        for member in await self.api.members(self.here["id"], words):
            self.say(drawing.member(member))

    async def do_add(self, username: str) -> None:
        """USER: make somebody a member."""
        await self.api.add_member(self.here["id"], username.removeprefix("@"))

    async def do_remove(self, username: str) -> None:
        """USER: remove somebody from this room."""
        await self.api.remove_member(self.here["id"], (await self.member(username))["id"])

    async def do_admin(self, username: str) -> None:
        """USER: make a member an admin."""
        await self._change_role(username, "admin")

    async def do_unadmin(self, username: str) -> None:
        """USER: take the admin role."""
        await self._change_role(username, "member")

    async def do_invite(self, _: str) -> None:
        """Make a link by which others come into this room, for a week."""
        self.say(safe.line(str((await self.api.invite(self.here["id"]))["url"])))

    async def do_msg(self, words: str) -> None:
        """USER TEXT: say something to somebody alone."""
        username, _, text = words.partition(" ")
        if not text.strip():
            raise ChatsiteError("Say: /msg USER TEXT")
        self.talk.sender.send((await self.api.open_direct(username))["id"], text)

    async def do_block(self, username: str) -> None:
        """USER: no private words of theirs reach you any more."""
        await self.api.block((await self._somebody(username))["id"])

    async def do_unblock(self, username: str) -> None:
        """USER: they do again."""
        wanted = username.removeprefix("@").casefold()
        for person in await self.api.blocked():
            if person["username"].casefold() == wanted:
                await self.api.block(person["id"], blocked=False)
                return
        raise NotFound(f"You have not blocked {safe.line(username)}.")

    async def _change_role(self, username: str, role: Literal["member", "admin"]) -> None:
        await self.api.change_role(self.here["id"], (await self.member(username))["id"], role)

    async def _somebody(self, username: str) -> Person:
        """Return a member of this room, or somebody with whom there is a private talk, or can be."""
        with suppress(ChatsiteError):
            return await self.member(username)
        wanted = username.removeprefix("@").casefold()
        for room in await self.api.rooms():
            if room["partner"] and room["partner"]["username"].casefold() == wanted:
                return room["partner"]
        # The site names nobody to a stranger, but opens a talk with them.
        partner = (await self.api.open_direct(username))["partner"]
        assert partner
        return partner
