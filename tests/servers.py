"""Real servers for the tests, each on a free port of this machine and in a temporary folder.

``python -m tests.servers postgres -- <command>`` runs a command with DATABASE_URL naming a throw-away PostgreSQL;
``missing`` says which programs the tests lack, ``has <program>`` answers by its exit code.
"""

import atexit
import fcntl
import functools
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import pytest

PROJECT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# Below the ports that Linux gives to outgoing connections, one of which could take ours while its server restarts.
PORTS = range(20_000, 32_000)
# Far more than it takes; a busy machine is no reason to fail.
START_SECONDS = 90
STOP_SECONDS = 40

# Debian's package, and what goes untested without it.
NEEDS = {
    "postgresql": "the rules are tested on SQLite only",
    "redis-server": "the tests with several processes are skipped",
    "chromium": "the tests in a browser are skipped",
    "gettext": "translations are not held against the sentences",
    "nginx": "the tests of a cluster are skipped",
    "build-essential": "the quick benchmarks are skipped",
    "pebble": "no certificate is got and renewed as from Let's Encrypt",
    "certbot": "nginx's certificate is not renewed",
    "caddy": "the site is not tried behind Caddy",
    "shellcheck": "the commands of the documents and of the trials are not read for mistakes",
}

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell's background jobs ignore it, and so would every server that is started here, which is stopped by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# --- Which programs there are ----------------------------------------------------------------------------------------


def find(name: str) -> Path | None:
    """Return where a program of NEEDS is; of PostgreSQL, the folder of its programs."""
    if name == "postgresql":
        by_version = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
        initdb = by_version[-1] if by_version else which("initdb")
        return initdb.resolve().parent if initdb else None
    if name == "chromium":
        return which("chromium", "chromium-browser", "google-chrome")
    if name == "gettext":
        return which("xgettext")
    if name == "build-essential":
        return which("cc")
    return which(name)


def which(*names: str) -> Path | None:
    return next((Path(path) for name in names if (path := shutil.which(name))), None)


def need(name: str) -> Path:
    """Return where the program is, or skip the test; where nothing may be skipped, fail it."""
    path = find(name)
    if path is None:
        skip(f"{name} is not installed: {NEEDS[name]}.")
    return path


def skip(sentence: str) -> NoReturn:
    """Skip the test for want of something; where nothing may be skipped, fail it."""
    if os.environ.get("CHATSITE_NO_SKIPS"):
        pytest.fail(sentence)
    pytest.skip(sentence)


# --- A server, whichever ---------------------------------------------------------------------------------------------


def free_port() -> int:
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)):
                return port
    raise RuntimeError("No port is free.")


class Server:
    """A program that listens on a port of its own and writes its log to a file."""

    running: "set[Server]" = set()
    # Where it runs: the code that it serves.
    project = PROJECT

    def __init__(
        self, command: Sequence[str | Path], *, port: int, folder: Path, env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:  # fmt: skip
        self.command = [str(part) for part in command]
        self.port = port
        self.folder = folder
        self.env = dict(os.environ if env is None else env)
        self.user = user
        self.log_file = folder / f"{port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.project, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                user=self.user, extra_groups=[] if self.user else None,
            )  # fmt: skip
        Server.running.add(self)
        wait_until(lambda: self.is_ready() or self.has_ended(), START_SECONDS)
        if self.has_ended():
            raise RuntimeError(f"{self.command} ended at once:\n{self.log()}")

    def is_ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Ask the server to end and return its exit code."""
        if self.process is None:
            return 0
        if not self.has_ended():
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            Server.running.discard(self)

    def kill(self) -> None:
        """End the server as a crash or a power cut would."""
        self.stop(signal.SIGKILL)

    def pause(self) -> None:
        """Let the server hang: it keeps its connections and answers nothing."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")[-20_000:] if self.log_file.exists() else ""


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds} seconds in vain.")
        time.sleep(0.03)


@contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=f"chatsite-{name}-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


# --- PostgreSQL and Redis --------------------------------------------------------------------------------------------


class Postgres(Server):
    """``url`` is a DATABASE_URL; ``durable`` if what it commits has to survive its crash."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        port = free_port()
        # Nothing here has to survive a power cut.
        unsafe = ["-c", "fsync=off", "-c", "full_page_writes=off"]
        if not durable:
            unsafe += ["-c", "synchronous_commit=off"]
        command: list[str | Path] = [programs / "postgres", "-D", folder / "data", "-h", HOST, "-p", str(port)]
        command += ["-k", "", "-c", "max_connections=200", *unsafe]
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


class Redis(Server):
    """``url`` is a REDIS_URL."""

    def __init__(self, program: Path, folder: Path) -> None:
        port = free_port()
        super().__init__([*self.basics(program, folder), "--port", str(port)], port=port, folder=folder)
        self.url = f"redis://{HOST}:{port}/0"

    @staticmethod
    def basics(program: Path, folder: Path) -> list[str | Path]:
        return [program, "--bind", HOST, "--dir", folder, "--save", "", "--appendonly", "no"]


class RedisWithTLS(Redis):
    """One that speaks TLS only, to those who have its password."""

    def __init__(self, program: Path, folder: Path) -> None:
        super().__init__(program, folder)
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        make: list[str | Path] = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            f"/CN={HOST}",
        ]
        make += ["-addext", f"subjectAltName=IP:{HOST}", "-keyout", key, "-out", certificate]
        subprocess.run(make, check=True, capture_output=True)
        # The URL quotes what it must, as an operator's does.
        password = "tea & coffee"
        tls: list[str | Path] = ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"]
        tls += ["--tls-cert-file", certificate, "--tls-key-file", key, "--requirepass", password]
        self.command = [str(part) for part in (*self.basics(program, folder), *tls)]
        self.url = f"rediss://:{quote(password)}@{HOST}:{self.port}/0?ssl_ca_certs={quote(str(certificate))}"


@contextmanager
def redis(kind: type[Redis] = Redis) -> Iterator[Redis]:
    program = need("redis-server")
    with temporary_folder("redis") as folder:
        server = kind(program, folder)
        try:
            server.start()
            yield server
        finally:
            server.resume()
            server.stop()


# --- The site --------------------------------------------------------------------------------------------------------


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
        return json.loads(
            subprocess.check_output([sys.executable, "-m", "tests.fill", *arguments], cwd=PROJECT, env=env)
        )


def environment(data: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a site in ``data``: on SQLite unless the settings name another database."""
    # Named, because a public site takes no file that nobody has named.
    return {**os.environ, "CHATSITE_DATA": str(data), "DATABASE_URL": f"sqlite:///{data}/chat.db", **settings}


def manage(*arguments: str, env: Mapping[str, str], project: Path = PROJECT) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


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


# --- From a shell ----------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["missing"]:
            for name, loss in NEEDS.items():
                if not find(name):
                    print(f"{name} is not installed: {loss}.")
            return 0
        case ["has", name]:
            return 0 if find(name) else 1
        case ["postgres", "--", *command]:
            with postgres() as server:
                return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url}, check=False).returncode
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
