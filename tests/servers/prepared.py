"""What is made once and copied for each site: tables, static files, an empty PostgreSQL."""

import atexit
import fcntl
import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.processes import PROJECT, run


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a site in ``data``: on SQLite unless the settings name another database."""
    # Named, because a public site takes no file that nobody has named.
    return {**os.environ, "CHATSITE_DATA": str(data), "DATABASE_URL": f"sqlite:///{data}/chat.db", **settings}


def manage(*arguments: str, env: Mapping[str, str], project: Path = PROJECT) -> str:
    return run([sys.executable, "-m", "manage", *arguments], project=project, env=env)


@functools.cache
def prepared_folder() -> Path:
    """Return a data folder with tables and static files, made once: collecting those takes seconds.

    ``CHATSITE_PREPARED`` names a folder that several processes share; the first of them makes what is in it.
    """
    shared = os.environ.get("CHATSITE_PREPARED")
    folder = Path(shared or tempfile.mkdtemp(prefix="chatsite-prepared-"))
    if not shared:
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with alone_in(folder):
        if not (folder / "done").exists():
            env = environment(folder)
            manage("migrate", "-v0", env=env)
            manage("collectstatic", "--noinput", "-v0", env=env)
            (folder / "done").touch()
    return folder


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Let one process at a time do this, of all that share the folder."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
