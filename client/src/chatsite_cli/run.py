"""How each command begins and ends: whose account, which site, and what its exit code says."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
from chatsite_client import (
    Api,
    BadCertificate,
    ChatsiteError,
    NotASite,
    NotFound,
    NotVerified,
    NotYet,
    Refused,
    SignedOut,
    Unreachable,
    safe,
)

from chatsite_cli.config import Account, Config, NoAccount
from chatsite_cli.settings import Settings

Arguments = ParamSpec("Arguments")

# Exit codes: docs/terminal.md lists them. 2 is click's own, for a command that is written wrongly.
REFUSED, SIGNED_OUT, NOT_FOUND, AWAY, CERTIFICATE, DISK, NOT_THE_SAME, INTERRUPTED = 1, 3, 4, 5, 6, 7, 8, 130
CODE_OF: list[tuple[type[Exception], int]] = [
    (SignedOut, SIGNED_OUT),
    (NoAccount, SIGNED_OUT),
    (NotYet, SIGNED_OUT),
    (NotFound, NOT_FOUND),
    (BadCertificate, CERTIFICATE),
    (Unreachable, AWAY),
    (NotASite, AWAY),
    (NotVerified, NOT_THE_SAME),
    (OSError, DISK),
    (Refused, REFUSED),
    (ChatsiteError, REFUSED),
]
NOT_FOUND_CODES = {
    "no_such_room",
    "no_such_person",
    "no_such_file",
    "no_such_message",
    "no_such_invitation",
    "not_found",
}
WRONG_PASSWORD_CODES = {"username_password_mismatch", "email_password_mismatch"}


class Session:
    """What a command works with: the options that stand before it, and where it keeps things."""

    def __init__(self, *, account: str | None, url: str | None, token: str | None) -> None:
        self.config = Config()
        self.settings = Settings(self.config.folder)
        self._account, self._url, self._token = account, url, token

    def account(self) -> Account | None:
        """Return the account of this call; None: a token in the environment stands for it."""
        return None if self._token and not self._account else self.config.account(self._account)

    @asynccontextmanager
    async def api(self) -> AsyncIterator[Api]:
        """Speak as the chosen account, or by CHATSITE_TOKEN to the site of CHATSITE_URL. Raises NoAccount."""
        account = self.account()
        if account is None:
            site = self._url or self.config.account().site
            token = self._token
        else:
            site, token = account.site, self.config.token(account)
        async with Api(site, token=token) as api:
            yield api

    def outbox(self) -> Path:
        """Return the folder of the unsent words of this call's account, or of its token."""
        account = self.account()
        if account:
            # By the person, not by the account's name here: another one may get that name.
            return self.config.outbox(account.user_id)
        return self.config.outbox(hashlib.sha256(f"{self._url} {self._token}".encode()).hexdigest()[:32])


def say(text: str) -> None:
    """Print a line. Whoever reads may have gone: then the command ends quietly."""
    click.echo(text)


def note(text: str) -> None:
    """Print a line that is not the answer, beside it."""
    click.echo(text, err=True)


def command(
    work: Callable[Arguments, Coroutine[Any, Any, None]],
) -> Callable[Arguments, None]:
    """Turn an asynchronous function into a command that ends with one sentence and one exit code."""

    @wraps(work)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            asyncio.run(work(*args, **kwargs))
        except (KeyboardInterrupt, asyncio.CancelledError):
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            # `chatsite history … | head`: whoever read has enough.
            sys.stderr.close()
            sys.exit(0)
        except (ChatsiteError, OSError) as error:
            note(f"chatsite: {sentence_of(error)}")
            sys.exit(code_of(error))

    return run


def code_of(error: Exception) -> int:
    code = getattr(error, "code", "")
    if code in NOT_FOUND_CODES:
        return NOT_FOUND
    if code in WRONG_PASSWORD_CODES:
        return SIGNED_OUT
    return next(number for kind, number in CODE_OF if isinstance(error, kind))


def sentence_of(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f"{safe.line(str(error.filename))}: " if error.filename else ""
        return f"{where}{error.strerror}."
    return safe.line(str(error))
