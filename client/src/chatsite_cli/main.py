"""``chatsite``: all commands, and what stands before them."""

import io
import os
import sys

import click
from chatsite_client import __version__

from chatsite_cli import accounts, chat, reading, rooms, saying
from chatsite_cli.run import Session

COMMANDS = [
    accounts.login, accounts.signup, accounts.guest, accounts.logout, accounts.accounts,
    rooms.rooms, rooms.create, rooms.join, rooms.leave, rooms.members,
    saying.send, saying.msg, saying.outbox,
    chat.chat, reading.tail, reading.history, reading.save, reading.get, reading.verify,
]  # fmt: skip


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chatsite")
@click.option("--account", "-a", envvar="CHATSITE_ACCOUNT", metavar="NAME", help="One of `chatsite accounts`.")
@click.option("--url", envvar="CHATSITE_URL", help="The site of CHATSITE_TOKEN.")
@click.option("--plain", is_flag=True, envvar="CHATSITE_PLAIN", help="Talk line by line, without a screen.")
@click.pass_context
def main(context: click.Context, account: str | None, url: str | None, plain: bool) -> None:
    """Talk on a Chatsite from a terminal; alone it is `chatsite chat`.

    Begin with `chatsite login URL --user NAME`. CHATSITE_TOKEN and CHATSITE_URL in the environment work alone;
    CHATSITE_CONFIG names the folder of accounts, tokens and unsent words. A ROOM is a name, @USER for a private
    talk, or an id.
    """
    for stream in (sys.stdout, sys.stderr):
        # Where a terminal has no Unicode, what it cannot show is written by number.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    context.obj = Session(account=account, url=url, token=os.environ.get("CHATSITE_TOKEN"))
    if context.invoked_subcommand is None:
        context.invoke(chat.chat, room=None, plain=plain)


for one in COMMANDS:
    main.add_command(one)
