"""Commands about what was said, and what is on its way."""

from pathlib import Path

from chatsite_client import ChatsiteError, download, drawing, safe, transcripts, upload

from chatsite_cli.commands.base import CommandsOfTalk
from chatsite_cli.reading import name_of_file


class TranscriptCommands(CommandsOfTalk):
    async def do_older(self, _: str) -> None:
        """Show what was said before, with the number of each row."""
        self.here  # noqa: B018 (raises where one is in no room)
        await self.talk.show_older()

    async def do_report(self, words: str) -> None:
        """SEQ REASON: tell the site's admins of a message (/older shows numbers)."""
        seq, _, reason = words.partition(" ")
        await self.api.report(self.here["id"], _number(seq), reason)
        self.say("The site's admins will look at it.")

    async def do_pin(self, seq: str) -> None:
        """SEQ: pin a message of this room."""
        await self.api.pin(self.here["id"], _number(seq))

    async def do_unpin(self, seq: str) -> None:
        """SEQ: pin it no more."""
        await self.api.pin(self.here["id"], _number(seq), pinned=False)

    async def do_pins(self, _: str) -> None:
        """List what is pinned."""
        for pin in (await self.api.call("GET", f"/api/v1/rooms/{self.here['id']}/pins"))["pins"]:
            self.say(f"{pin['seq']}: {drawing.message(pin['message'])}")

    async def do_send(self, words: str) -> None:
        """FILE: send a file."""
        self.soon(self._send(self.here["id"], Path(words).expanduser()))

    async def do_get(self, words: str) -> None:
        """ID [FILE]: save a posted file."""
        file_id, _, target = words.partition(" ")
        path = Path(target.strip()).expanduser() if target.strip() else Path()
        if path.is_dir():
            path /= await name_of_file(self.api, file_id)
        with self.talk.progress(path) as progress:
            await download(self.api, file_id, path, progress=progress)
        self.say(f"Saved: {safe.line(str(path))}")

    async def do_save(self, words: str) -> None:
        """FILE: write the whole transcript to a file (.txt, .md, .html, .jsonl)."""
        verified = await transcripts.save(self.api, self.here, Path(words).expanduser())
        self.say("Saved, and verified." if verified else "Saved to read, not verified.")

    async def do_retry(self, _: str) -> None:
        """Send again what the site refused."""
        for entry in self.talk.box.entries:
            if entry.refusal or entry.is_stale:
                self.talk.sender.retry(entry)
        self.talk.changed()

    async def do_discard(self, _: str) -> None:
        """Throw away what the site refused."""
        for entry in self.talk.box.entries:
            if entry.refusal or entry.is_stale:
                self.talk.box.remove(entry)
        self.talk.changed()

    async def _send(self, room: str, path: Path) -> None:
        with self.talk.progress(path) as progress:
            file = await upload(self.api, room, path, progress=progress)
        self.talk.sender.send(room, "", attachment=file["id"])
        self.talk.changed()


def _number(seq: str) -> int:
    if not (seq.isascii() and seq.isdecimal()):
        raise ChatsiteError("Say which message by its number, which /older shows.")
    return int(seq)
