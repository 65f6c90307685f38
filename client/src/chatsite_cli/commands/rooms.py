"""Commands about rooms."""

from chatsite_client import ChatsiteError, drawing

from chatsite_cli.commands.base import CommandsOfTalk


class RoomCommands(CommandsOfTalk):
    async def do_rooms(self, words: str) -> None:
        """[WORDS]: list your rooms."""
        for room in await self.api.rooms("mine", words):
            self.say(drawing.room(room))

    async def do_public(self, words: str) -> None:
        """[WORDS]: list public rooms."""
        for room in await self.api.rooms("public", words):
            self.say(drawing.room(room))

    async def do_go(self, name: str) -> None:
        """ROOM: enter another one of your rooms; @USER is your private talk with somebody."""
        await self.talk.enter(await self.api.find_room(name))

    async def do_join(self, name: str) -> None:
        """ROOM: become a member, and enter."""
        room = await self.api.find_room(name)
        await self.talk.enter(await self.api.join(room["id"]))

    async def do_accept(self, link: str) -> None:
        """LINK: come into the room that an invitation leads to."""
        code = link.rstrip("/").rpartition("/")[2]
        await self.talk.enter(await self.api.accept_invitation(code))

    async def do_leave(self, _: str) -> None:
        """Be a member of this room no more."""
        await self.api.leave_room(self.here["id"])
        self.talk.leave()

    async def do_create(self, name: str) -> None:
        """NAME: open a public room."""
        await self.talk.enter(await self.api.open_room(name))

    async def do_private(self, name: str) -> None:
        """NAME: open a private room."""
        await self.talk.enter(await self.api.open_room(name, is_private=True))

    async def do_rename(self, name: str) -> None:
        """NAME: rename this room."""
        self.talk.room = await self.api.change_room(self.here["id"], name=name)

    async def do_topic(self, topic: str) -> None:
        """TEXT: say what this room is about."""
        self.talk.room = await self.api.change_room(self.here["id"], topic=topic)

    async def do_kind(self, words: str) -> None:
        """private, or public confirm: change who may see this room."""
        kind, _, confirmed = words.partition(" ")
        self.talk.room = await self.api.change_room(self.here["id"], kind=kind, confirm=confirmed == "confirm")

    async def do_delete(self, name: str) -> None:
        """NAME: delete this room, whose name has to be given."""
        if name != self.here["name"]:
            raise ChatsiteError("To delete this room for everybody, say /delete and its name.")
        await self.api.delete_room(self.here["id"])
        self.talk.leave()

    async def do_mute(self, _: str) -> None:
        """Hear of this room no more while you are elsewhere."""
        await self.api.mute(self.here["id"])

    async def do_unmute(self, _: str) -> None:
        """Hear of it again."""
        await self.api.mute(self.here["id"], muted=False)
