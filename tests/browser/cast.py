"""People who have signed up already: made once, and put into a test's site without its pages, which takes seconds each.

That the pages sign people up is a test of its own (test_sign_up.py, test_first_light.py).
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests import servers

NAMES = ("alice", "bob", "charlie")


class Cast:
    """``enter(site, "alice")`` makes alice one of its people, and returns the key of a session of hers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        site = servers.Site(folder, {})
        site.prepare()
        self.sessions: dict[str, str] = site.fill("people", *NAMES)

    def can_enter(self, site: servers.Site, name: str) -> bool:
        return name in self.sessions and (site.data / "chat.db").exists()

    def enter(self, site: servers.Site, name: str) -> str:
        key = self.sessions[name]
        with closing(sqlite3.connect(site.data / "chat.db", timeout=20)) as database:
            database.execute("ATTACH ? AS prepared", [str(self.folder / "chat.db")])
            (user,) = database.execute("SELECT id FROM prepared.accounts_user WHERE username = ?", [name]).fetchone()
            copy(database, "accounts_user", "id", user)
            copy(database, "django_session", "session_key", key)
            for table in ("account_emailaddress", "usersessions_usersession"):
                copy(database, table, "user_id", user)
            database.commit()
        return key


def copy(database: sqlite3.Connection, table: str, column: str, value: str) -> None:
    """Copy the rows that have this value; a number that only counts rows is given anew."""
    columns = [
        f'"{name}"' for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})") if kind != "INTEGER"
    ]
    names = ", ".join(columns)
    database.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM prepared.{table} WHERE {column} = ?", [value])
