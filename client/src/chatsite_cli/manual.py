"""The man page, made of what the commands say: ``python -m chatsite_cli.manual > client/man/chatsite.1``."""

import inspect

import click

from chatsite_cli.commands import Commands
from chatsite_cli.main import main
from chatsite_cli.screen.keys import KEYS

EXIT_CODES = {
    0: "done", 1: "the site refused it, or it makes no sense", 2: "the command is written wrongly",
    3: "signed out, wrong password, or nobody is logged in", 4: "no such room, person or file",
    5: "the site is away; words of send by an id are kept", 6: "the site's certificate is not valid",
    7: "a file or the disk", 8: "a transcript is not the one that was written", 130: "interrupted",
}  # fmt: skip
VARIABLES = {
    "CHATSITE_CONFIG": "one folder for accounts, tokens, settings and unsent words; then no keyring is asked",
    "CHATSITE_TOKEN, CHATSITE_URL": "a session and its site, without an account; they work alone",
    "CHATSITE_ACCOUNT": "as -a",
    "CHATSITE_PLAIN": "1: as --plain",
    "SSL_CERT_FILE": "certificates of authorities of your own",
    "NO_COLOR": "no colours",
    "COLORFGBG": "whether the terminal is light, for the theme auto",
}


def manual() -> str:
    """Return the page in roff."""
    about = inspect.cleandoc(main.help or "").split("\n\n")
    parts = [
        '.\\" Made by python -m chatsite_cli.manual: change that.',
        '.TH CHATSITE 1 "" "Chatsite" "User Commands"',
        ".SH NAME",
        "chatsite \\- talk on a Chatsite from a terminal",
        ".SH SYNOPSIS",
        ".B chatsite\n[OPTIONS] [COMMAND] [ARGUMENTS]",
        ".SH DESCRIPTION",
        *(f".PP\n{_text(part)}" for part in about),
        *_options(main),
        ".SH COMMANDS",
    ]
    for name in main.commands:
        command = main.commands[name]
        usage = command.get_usage(click.Context(command, info_name=name)).removeprefix("Usage: ")
        parts.append(f".SS {_text(usage)}")
        parts.append(_text(command.help or ""))
        parts += _options(command)
    parts += _table("KEYS OF THE SCREEN", {key.strip(): does for key, does in KEYS.items()})
    parts += _table("WHILE TALKING", {f"/{name}": does for name, does in Commands.table().items()})
    parts += _table("EXIT STATUS", {str(code): says for code, says in EXIT_CODES.items()})
    parts += _table("ENVIRONMENT", VARIABLES)
    return "\n".join(parts) + "\n"


def _options(command: click.Command) -> list[str]:
    context = click.Context(command)
    records = [option.get_help_record(context) for option in command.params if isinstance(option, click.Option)]
    return [part for record in records if record for part in (".TP", f".B {_text(record[0])}", _text(record[1]))]


def _table(heading: str, rows: dict[str, str]) -> list[str]:
    return [
        f".SH {heading}",
        *(part for name, says in rows.items() for part in (".TP", f".B {_text(name)}", _text(says))),
    ]


def _text(words: str) -> str:
    one = " ".join(words.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{one}" if one.startswith((".", "'")) else one


if __name__ == "__main__":
    print(manual(), end="")
