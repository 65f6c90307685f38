"""The site itself."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.prepared import environment, manage, prepared_folder
from tests.servers.processes import HOST, Server, free_port, run, temporary_folder

# Modules that serve an ASGI application by the same flags: ours, which writes to the transports, and plain ones.
PROGRAMS = ("chatsite.serve", "daphne", "benchmarks.peers.on_uvicorn")


class Site(Server):
    """The site as ``python -m chatsite.serve``, or another of ``PROGRAMS``, runs it, with a data folder of its own."""

    def __init__(self, data: Path, env: Mapping[str, str], program: str = "chatsite.serve") -> None:
        port = free_port()
        command = [sys.executable, "-m", program, "-b", HOST, "-p", str(port), "chatsite.asgi:application"]
        super().__init__(command, port=port, folder=data, env=environment(data, PORT=str(port), **env))
        self.data = data
        self.url = f"http://{HOST}:{port}"

    def prepare(self) -> None:
        """Give a new data folder its static files and its tables."""
        if not (self.data / "static").exists():
            shutil.copytree(prepared_folder() / "static", self.data / "static", copy_function=os.link)
        # A PostgreSQL of ours (``postgres``) has its tables.
        if self.env["DATABASE_URL"].startswith("sqlite:") and not (self.data / "chat.db").exists():
            shutil.copy(prepared_folder() / "chat.db", self.data)
            # Sessions that were made on one test's site hold on another's.
            shutil.copy(prepared_folder() / "secret_key", self.data)

    def manage(self, *arguments: str) -> str:
        """Run ``manage.py`` on this site's data and return what it prints."""
        return manage(*arguments, env=self.env)

    def fill(self, *arguments: str) -> Any:
        """Run ``tests.fill`` on this site's data and return what it answers."""
        env = {**self.env, "DJANGO_SETTINGS_MODULE": "chatsite.settings"}
        return json.loads(run([sys.executable, "-m", "tests.fill", *arguments], env=env))


@contextmanager
def site(
    data: Path | None = None, env: Mapping[str, str] | None = None, program: str = "chatsite.serve"
) -> Iterator[Site]:
    """Serve the site from ``data``, which may hold an earlier site's, with these settings in its environment."""
    with temporary_folder("site") as folder:
        server = Site(data or folder, env or {}, program)
        try:
            server.prepare()
            server.start()
            yield server
        finally:
            server.stop()
