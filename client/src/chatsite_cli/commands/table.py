"""The table of all commands."""

from chatsite_cli.commands.base import Quit
from chatsite_cli.commands.people import PeopleCommands
from chatsite_cli.commands.rooms import RoomCommands
from chatsite_cli.commands.transcript import TranscriptCommands


class Commands(RoomCommands, PeopleCommands, TranscriptCommands):
    async def do_help(self, _: str) -> None:
        """List the commands."""
        for name, does in self.table().items():
            self.say(f"/{name} {does}")

    async def do_quit(self, _: str) -> None:
        """End. What was not sent yet is kept."""
        raise Quit

    async def do_set(self, words: str) -> None:
        """[NAME VALUE]: list your settings, or change one: bell, notify, mouse, theme."""
        settings = self.talk.settings
        if words:
            name, _, value = words.partition(" ")
            settings.change(name, value.strip())
            self.talk.changed()
        for name, value in settings.shown().items():
            self.say(f"{name} {value}")
