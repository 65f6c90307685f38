"""Commands that read: tail, history, save, get, verify."""

from email.message import EmailMessage
from pathlib import Path

import click
from chatsite_client import Api, ChatsiteError, Cursor, Live, Message, Reset, Room, download, drawing, safe, transcripts
from chatsite_client.api import V1
from chatsite_client.sync import rows_of

from chatsite_cli.rooms import json_lines
from chatsite_cli.run import Session, command, note, say

LAST = 10
# Rows that change how another one looks, and are none by themselves.
NOT_DRAWN = {"pinned", "unpinned"}


@click.command()
@click.argument("room")
@click.option("--since", type=click.IntRange(min=0), metavar="SEQ", help="All rows after this one.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("-n", "count", default=LAST, show_default=True, type=click.IntRange(0, 100), help="How many of the last.")
@json_lines
@click.pass_obj
@command
async def tail(session: Session, *, room: str, since: int | None, follow: bool, count: int, as_json: bool) -> None:
    """Print the end of ROOM's transcript, each row once and in order."""
    async with session.api() as api:
        found = await api.find_room(room)
        end = await _last_rows(api, found, since, count, as_json=as_json)
        if follow:
            await _follow(api, found, end, as_json=as_json)


@click.command()
@click.argument("room")
@click.option("--since", default=0, type=click.IntRange(min=0), metavar="SEQ", help="Only rows after this one.")
@json_lines
@click.pass_obj
@command
async def history(session: Session, *, room: str, since: int, as_json: bool) -> None:
    """Print ROOM's transcript from its beginning."""
    async with session.api() as api:
        async for row in api.history((await api.find_room(room))["id"], after=since):
            _print(row, as_json=as_json)


@click.command()
@click.argument("room")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "markdown", "html", "jsonl"]), help="Else by FILE's ending."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
@command
async def save(session: Session, *, room: str, file: Path, form: transcripts.Form | None, force: bool) -> None:
    """Write ROOM's whole transcript to FILE, with its hash chain verified on the way."""
    async with session.api() as api:
        found = await api.find_room(room)
        verified = await transcripts.save(api, found, file, form=form, overwrite=force)
    if verified:
        note("The hash chain is whole: this is what was written.")
    else:
        note("Saved to read, not verified: what the hash chain needs is given to the room's admins only.")


@click.command()
@click.argument("file_id")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="A name, or a folder; else the file's own name here."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
@command
async def get(session: Session, *, file_id: str, output: Path | None, force: bool) -> None:
    """Save the posted file FILE_ID, and print where it is."""
    async with session.api() as api:
        target = output
        if target is None or target.is_dir():
            target = (target or Path()) / await name_of_file(api, file_id)
        await download(api, file_id, target, overwrite=force)
    say(safe.line(str(target)))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--files", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The files sent in the room."
)
@command
async def verify(*, file: Path, files: Path | None) -> None:
    """Verify the hash chain of a transcript that was saved as JSON Lines; no site is asked."""
    transcripts.verify(file, files)
    room = transcripts.first_line(file)
    say("The transcript is whole and as it was written.")
    # Whoever can change the file can make all hashes anew: the end has to be known from elsewhere.
    say(f"It ends at row {room['head']} with the hash {safe.line(str(room['hash']))}")


async def _last_rows(api: Api, room: Room, since: int | None, count: int, *, as_json: bool) -> Cursor:
    """Print what is there already; return where to go on from."""
    end = Cursor(since or 0)
    if since is None:
        page = await api.messages(room["id"], limit=max(count, 1))
        for row in page["messages"][-count:] if count else []:
            _print(row, as_json=as_json)
        return Cursor(page["head"], page.get("hash") or "")
    async for row in api.history(room["id"], after=since):
        _print(row, as_json=as_json)
        end = Cursor(row["seq"], row["hash"])
    return end


async def _follow(api: Api, room: Room, start: Cursor, *, as_json: bool) -> None:
    async with Live(api) as live:
        live.enter(room["id"], start, whole=True)
        async for news in live:
            if isinstance(news, Reset):
                note("The site was put back to an earlier state: the room goes on from its newest page.")
            for row in rows_of(news):
                _print(row, as_json=as_json)
    raise ChatsiteError("The site has ended the connection.")


def _print(row: Message, *, as_json: bool) -> None:
    if as_json:
        say(safe.as_json(row))
    elif row["kind"] not in NOT_DRAWN:
        say(drawing.message(row))


async def name_of_file(api: Api, file_id: str) -> str:
    """Return a name for a file here: the sender's own, without a way into another folder or a hidden file."""
    header = EmailMessage()
    # Not by HEAD, whose refusals say nothing.
    async with api.stream(f"{V1}/files/{file_id}", {"Range": "bytes=0-0"}) as answer:
        header["Content-Disposition"] = answer.headers.get("Content-Disposition", "")
    return file_name(header.get_filename() or "")


def file_name(name: str) -> str:
    one = safe.line(name).replace("\\", "/").rpartition("/")[2].strip().lstrip(".")
    return one.encode()[:200].decode(errors="ignore") or "file"
