"""What the command keeps between two calls: accounts, their tokens, unsent words. Never a password.

``CHATSITE_CONFIG`` names one folder for all of it, and then no keyring is asked. Otherwise it is where the system has
such things, and tokens are in the system's keyring where there is one, or else in files that only their owner can read.
"""

import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from chatsite_client import ChatsiteError
from platformdirs import PlatformDirs

APP = "chatsite"


class NoAccount(ChatsiteError):
    """Nobody is logged in here, or nobody of that name."""

    code = "no_account"


@dataclass
class Account:
    """Somebody on a site. ``name`` is how this machine calls it."""

    name: str
    site: str
    username: str
    user_id: str
    is_guest: bool = False
    # The cookie by which the site knows this machine again.
    device: str | None = None


class Config:
    """``folder`` has accounts.json, ``state`` the outboxes; they are the same where CHATSITE_CONFIG says so."""

    def __init__(self) -> None:
        chosen = os.environ.get("CHATSITE_CONFIG")
        dirs = PlatformDirs(APP, appauthor=False)
        self.folder = Path(chosen) if chosen else Path(dirs.user_config_dir)
        self.state = Path(chosen) if chosen else Path(dirs.user_state_dir)
        self._uses_keyring = not chosen

    # --- Accounts ---

    def accounts(self) -> list[Account]:
        """The default one first."""
        with suppress(FileNotFoundError):
            try:
                kept = json.loads(self._list.read_text(encoding="utf-8"))
                return [Account(**account) for account in kept["accounts"]]
            except (ValueError, TypeError, KeyError):
                raise ChatsiteError(f"{self._list} cannot be read. Move it away, and log in again.") from None
        return []

    def account(self, name: str | None = None) -> Account:
        """Return the account of this name, or the default one. Raises NoAccount."""
        accounts = self.accounts()
        for account in accounts:
            if name is None or account.name == name:
                return account
        if name:
            known = ", ".join(account.name for account in accounts) or "none"
            raise NoAccount(f"There is no account called {name} here (there is: {known}). See: chatsite accounts")
        raise NoAccount("You are not logged in. Begin with: chatsite login https://chat.example.org --user NAME")

    def add(self, account: Account, token: str) -> None:
        """Keep an account, as the default one; the same person on the same site takes the place of the earlier one."""
        others = [other for other in self.accounts() if other.name != account.name]
        self._keep_token(account.name, token)
        self._write([account, *others])

    def make_default(self, name: str) -> None:
        chosen = self.account(name)
        self._write([chosen, *(other for other in self.accounts() if other.name != name)])

    def remove(self, name: str) -> None:
        self._forget_token(name)
        self._write([account for account in self.accounts() if account.name != name])

    def outbox(self, account_id: str) -> Path:
        """Return the folder of somebody's unsent words."""
        return self.state / "outbox" / _file_name(account_id)

    @property
    def _list(self) -> Path:
        return self.folder / "accounts.json"

    def _write(self, accounts: list[Account]) -> None:
        text = json.dumps({"accounts": [asdict(account) for account in accounts]}, indent=1)
        write_private(self._list, text)

    # --- Tokens ---

    def token(self, account: Account) -> str:
        """Return the session's token. Raises NoAccount where it is gone."""
        with suppress(FileNotFoundError):
            return self._token_file(account.name).read_text(encoding="utf-8").strip()
        token = self._from_keyring(account.name)
        if token is None:
            raise NoAccount(f"The session of {account.name} is gone. Log in again.")
        return token

    def _keep_token(self, name: str, token: str) -> None:
        self._forget_token(name)
        if not self._into_keyring(name, token):
            write_private(self._token_file(name), token)

    def _forget_token(self, name: str) -> None:
        self._token_file(name).unlink(missing_ok=True)
        if self._uses_keyring:
            import keyring

            # Whatever a keyring raises: it was not there, or is locked.
            with suppress(Exception):
                keyring.delete_password(APP, name)

    def _token_file(self, name: str) -> Path:
        return self.folder / "tokens" / _file_name(name)

    def _into_keyring(self, name: str, token: str) -> bool:
        if not self._uses_keyring:
            return False
        import keyring  # half of what a command takes to start, and most ask for none

        try:
            keyring.set_password(APP, name, token)
            return keyring.get_password(APP, name) == token
        except Exception:  # each keyring has its own way to say that it is not there
            return False

    def _from_keyring(self, name: str) -> str | None:
        if not self._uses_keyring:
            return None
        import keyring

        try:
            return keyring.get_password(APP, name)
        except Exception:
            return None


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # mkstemp's files are their owner's alone.
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9@._-]", "_", name).lstrip(".") or "_"
