"""PostgreSQL, in a folder of its own."""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.prepared import alone_in, environment, manage, prepared_folder
from tests.servers.processes import HOST, Server, free_port, temporary_folder
from tests.servers.programs import need


class Postgres(Server):
    """``url`` is a DATABASE_URL; ``durable`` if what it commits has to survive its crash."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        port = free_port()
        # Nothing here has to survive a power cut.
        unsafe = ["-c", "fsync=off", "-c", "full_page_writes=off"]
        if not durable:
            unsafe += ["-c", "synchronous_commit=off"]
        command: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-h", HOST, "-p", str(port)]
        # Autovacuum commits at times of its own, which the tests of a second without commits would see.
        command += ["-k", "", "-c", "max_connections=200", "-c", "autovacuum=off", *unsafe]
        super().__init__(command, port=port, folder=folder, user=user_for_postgres())
        self.programs = programs
        self.url = f"postgresql://chatsite@{HOST}:{port}/chatsite"
        if self.user:
            shutil.chown(folder, self.user)

    def run(self, program: str, *arguments: str | Path) -> bool:
        command = [self.programs / program, *arguments]
        return subprocess.run(
            command, cwd=self.folder, user=self.user, extra_groups=[] if self.user else None,
            stdout=subprocess.DEVNULL, check=False,
        ).returncode == 0  # fmt: skip

    def create(self) -> None:
        """Make its data folder, with the site's tables; it is stopped then."""
        assert self.run("initdb", "-D", self.folder / "data", "-U", "chatsite", "-A", "trust", "-E", "UTF8", "-N")
        try:
            self.start()
            assert self.run("createdb", "-h", HOST, "-p", str(self.port), "-U", "chatsite", "chatsite")
            env = environment(self.folder, DATABASE_URL=self.url)
            manage("migrate", "-v0", env=env)
            manage("createcachetable", env=env)
        finally:
            self.stop()

    def is_ready(self) -> bool:
        return self.run("pg_isready", "-q", "-h", HOST, "-p", str(self.port))

    def stop(self, with_signal: int = signal.SIGINT) -> int:
        # To PostgreSQL, SIGINT means at once and orderly; SIGTERM would wait for its clients to leave.
        return super().stop(with_signal)


def user_for_postgres() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    people = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in people else "nobody"


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Start one whose database has the site's tables, and nothing in them."""
    programs, prepared = need("postgresql"), prepared_postgres()
    with temporary_folder("postgres") as folder:
        server = Postgres(programs, folder, durable=durable)
        copy_of_its_owner(prepared, folder / "data")
        try:
            server.start()
            yield server
        finally:
            server.stop()


def prepared_postgres() -> Path:
    """Return the data folder of a stopped PostgreSQL with the site's tables, made once: that takes seconds."""
    programs, folder = need("postgresql"), prepared_folder()
    with alone_in(folder):
        if not (folder / "postgres").exists():
            with temporary_folder("postgres") as new:
                Postgres(programs, new).create()
                copy_of_its_owner(new / "data", folder / "postgres.new")
            (folder / "postgres.new").rename(folder / "postgres")
    return folder / "postgres"


def copy_of_its_owner(source: Path, target: Path) -> None:
    """Copy a folder and keep whose it is, which PostgreSQL insists on."""
    subprocess.run(["cp", "-a", source, target], check=True)
