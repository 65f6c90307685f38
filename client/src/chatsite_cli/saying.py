"""Commands that say something: send, msg, outbox."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
from chatsite_client import Api, ChatsiteError, Entry, Outbox, Sender, Unreachable, drawing, safe, upload
from chatsite_client.api import is_id

from chatsite_cli.rooms import json_lines
from chatsite_cli.run import Session, command, note, say

# Seconds that a command waits for a site that is away.
WAIT = 30.0

wait_option = click.option(
    "--wait", default=WAIT, show_default=True, metavar="SECONDS", help="How long to wait for a site that is away."
)


@click.command()
@click.argument("room")
@click.argument("text", required=False)
@click.option("--file", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Send this file.")
@json_lines
@wait_option
@click.pass_obj
@command
async def send(session: Session, *, room: str, text: str | None, file: Path | None, as_json: bool, wait: float) -> None:
    """Say TEXT in ROOM; with "-", what comes by standard input. With --file, TEXT goes with the file.

    What is not taken in time stays in the outbox, and goes out with the next message.
    """
    body = _words(text, may_be_empty=file is not None)
    async with session.api() as api:
        # An id is good while the site is away: the words are then kept.
        where = room if is_id(room) else (await api.find_room(room))["id"]
        await _send(session, api, where, body, file=file, as_json=as_json, wait=wait)


@click.command()
@click.argument("user")
@click.argument("text")
@json_lines
@wait_option
@click.pass_obj
@command
async def msg(session: Session, *, user: str, text: str, as_json: bool, wait: float) -> None:
    """Say TEXT to USER alone; with "-", what comes by standard input."""
    body = _words(text)
    async with session.api() as api:
        await _send(session, api, (await api.open_direct(user))["id"], body, file=None, as_json=as_json, wait=wait)


@click.command()
@click.option("--discard", is_flag=True, help="Throw away what is in it.")
@click.option("--send", "sends", is_flag=True, help="Send all of it now, also what is old or was refused.")
@wait_option
@click.pass_obj
@command
async def outbox(session: Session, *, discard: bool, sends: bool, wait: float) -> None:
    """List what was written and not sent yet."""
    async with session.api() as api:
        with Outbox(session.outbox()) as box:
            if discard:
                for entry in box.entries:
                    box.remove(entry)
            elif sends:
                await _send_all(api, box, wait)
            for entry in box.entries:
                say(f"{safe.line(entry.room)}  {safe.line(entry.body, 60)}  {safe.line(entry.refusal)}".rstrip())


async def _send(
    session: Session, api: Api, room: str, body: str, *, file: Path | None, as_json: bool, wait: float
) -> None:
    attachment = None
    if file:
        with _progress(file) as progress:
            attachment = (await upload(api, room, file, progress=progress))["id"]
    with Outbox(session.outbox()) as box:
        async with Sender(api, box) as sender:
            entry = sender.send(room, body, attachment=attachment)
            try:
                async with asyncio.timeout(wait):
                    outcome = await sender.outcome(entry)
            except TimeoutError:
                why = sender.trouble or "The site does not answer."
                kept = "Your words are kept, and go out with the next ones; or say: chatsite outbox --send"
                raise Unreachable(f"{why} {kept}") from None
        if isinstance(outcome, ChatsiteError):
            # Whoever called still has the words.
            box.remove(entry)
            raise outcome
    if as_json:
        say(safe.as_json(outcome))


async def _send_all(api: Api, box: Outbox, wait: float) -> None:
    held = [entry for entry in box.entries if entry.refusal or entry.is_stale]
    async with Sender(api, box) as sender:
        entries: list[Entry] = [entry for entry in box.entries if entry not in held]
        entries += [sender.retry(entry) for entry in held]
        try:
            async with asyncio.timeout(wait):
                for entry in entries:
                    outcome = await sender.outcome(entry)
                    if isinstance(outcome, ChatsiteError):
                        note(f"Not sent: {safe.line(str(outcome))}")
        except TimeoutError:
            raise Unreachable(sender.trouble or "The site does not answer in time.") from None


def _words(text: str | None, *, may_be_empty: bool = False) -> str:
    if text == "-":
        try:
            text = sys.stdin.buffer.read().decode()
        except UnicodeDecodeError:
            raise ChatsiteError("What came by standard input is no UTF-8 text. Send it as a file: --file") from None
        text = text.removesuffix("\n")
    if not text and not may_be_empty:
        raise ChatsiteError('There is nothing to send. Say: chatsite send ROOM "text"')
    return text or ""


def _progress(file: Path) -> AbstractContextManager[Callable[[int, int], None]]:
    """Return what shows on a terminal how much has arrived; elsewhere it is quiet."""
    if not sys.stderr.isatty():
        return nullcontext(lambda done, size: None)
    return _Bar(file)


class _Bar:
    def __init__(self, file: Path) -> None:
        size = file.stat().st_size
        label = f"{safe.line(file.name, 30)} ({drawing.size(size)})"
        self._bar: Any = click.progressbar(length=size, label=label, file=sys.stderr)
        self._done = 0

    def __enter__(self) -> Callable[[int, int], None]:
        self._bar.__enter__()
        return self._show

    def __exit__(self, *exc_info: object) -> None:
        self._bar.__exit__(*exc_info)

    def _show(self, done: int, size: int) -> None:
        self._bar.update(done - self._done)
        self._done = done
