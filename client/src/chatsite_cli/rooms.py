"""Commands about rooms: rooms, create, join, leave, members."""

import click
from chatsite_client import drawing, safe

from chatsite_cli.run import Session, command, note, say

json_lines = click.option("--json", "as_json", is_flag=True, help="One object a line, as the site's API has it.")


@click.command()
@json_lines
@click.option("--public", is_flag=True, help="The public rooms, instead of those that you are in.")
@click.option("--search", default="", metavar="WORDS", help="Only rooms with these words in their name.")
@click.pass_obj
@command
async def rooms(session: Session, *, as_json: bool, public: bool, search: str) -> None:
    """List your rooms and private talks, with what is unread."""
    async with session.api() as api:
        for room in await api.rooms("public" if public else "mine", search):
            say(safe.as_json(room) if as_json else drawing.room(room))


@click.command()
@click.argument("name")
@click.option("--private", is_flag=True, help="Only who is added or invited sees it.")
@click.option("--topic", default="", help="What it is about.")
@json_lines
@click.pass_obj
@command
async def create(session: Session, *, name: str, private: bool, topic: str, as_json: bool) -> None:
    """Open a room called NAME, and print its id."""
    async with session.api() as api:
        room = await api.open_room(name, topic=topic, is_private=private)
        say(safe.as_json(room) if as_json else safe.line(room["id"]))


@click.command()
@click.argument("room")
@click.pass_obj
@command
async def join(session: Session, *, room: str) -> None:
    """Become a member of ROOM (a name or an id)."""
    async with session.api() as api:
        joined = await api.join((await api.find_room(room))["id"])
        note(f"You are a member of {drawing.room_name(joined)}.")


@click.command()
@click.argument("room")
@click.pass_obj
@command
async def leave(session: Session, *, room: str) -> None:
    """Be a member of ROOM no more."""
    async with session.api() as api:
        found = await api.find_room(room)
        await api.leave_room(found["id"])
        note(f"You have left {drawing.room_name(found)}.")


@click.command()
@click.argument("room")
@json_lines
@click.pass_obj
@command
async def members(session: Session, *, room: str, as_json: bool) -> None:
    """List who is a member of ROOM."""
    async with session.api() as api:
        for member in await api.members((await api.find_room(room))["id"]):
            say(safe.as_json(member) if as_json else drawing.member(member))
