"""The command that talks: on the screen where the terminal has one, else line by line."""

import gc
import os
import sys

import click

from chatsite_cli.run import Session, command


@click.command()
@click.argument("room", required=False)
@click.option(
    "--plain", is_flag=True, envvar="CHATSITE_PLAIN", help="Line by line: for braille, speech, slow links and logs."
)
@click.pass_obj
@command
async def chat(session: Session, *, room: str | None, plain: bool) -> None:
    """Talk in ROOM; without ROOM, where you last were. /help lists what else one can do."""
    if plain or not has_screen():
        from chatsite_cli.plain import talk

        await talk(session, room)
    else:
        # Textual takes a quarter of a second to load, which no other command has to wait for. To look for garbage
        # meanwhile, of which there is none, takes a tenth of it.
        gc.disable()
        from chatsite_cli.screen.run import show

        gc.enable()
        await show(session, room)


def has_screen() -> bool:
    """Whether this terminal can show more than lines."""
    encoding = (sys.stdout.encoding or "").casefold().replace("-", "")
    is_dumb = os.environ.get("TERM", "dumb" if sys.platform != "win32" else "") == "dumb"
    return sys.stdin.isatty() and sys.stdout.isatty() and not is_dumb and encoding.startswith("utf")
