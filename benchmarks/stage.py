"""Where a run happens: the servers that are loaded, the databases and Redis behind them, and the load generator."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks import machine
from benchmarks.peers import PEERS, Peer
from tests import servers

HERE = Path(__file__).parent
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)
# Into a room and present in it; commits of before version 2 of the protocol (--before) had an address for each room.
ENTRANCE, OLD_ENTRANCE = "/ws/?v=2&enter={room}&attend=1", "/ws/rooms/{room}/?v=1"
POST = "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{more}\r\n"
# By which each peer's sockets come in.
PATHS = {"tutorial": "/ws/chat/load/", "socketio": "/socket.io/?EIO=4&transport=websocket"}

Row = dict[str, Any]


class Served(servers.Server):
    """A peer, on a core of its own unless there are several of them."""

    def __init__(self, peer: Peer, folder: Path, *, project: Path, pinned: bool = True, **env: str) -> None:
        port = servers.free_port()
        settings = {"PORT": str(port), "RATE_LIMITS": "off", "FOLDER": str(folder), **peer.env, **env}
        python = machine.peers_python() if peer.is_foreign else sys.executable
        command: list[str | Path] = [python, "-m", peer.module, "-b", servers.HOST, "-p", str(port)]
        if peer.application:
            command += ["--verbosity", "0", peer.application]
        if pinned:
            command = machine.on_core(machine.SERVER_CORE, *command)
        super().__init__(command, port=port, folder=folder, env=servers.environment(folder, **settings))
        self.env["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
        self.peer, self.project = peer, project

    @property
    def pid(self) -> int:
        return machine.pid_of(self)

    @property
    def entrance(self) -> str:
        is_old = 'VERSION = "1"' in (self.project / "rooms" / "realtime" / "protocol.py").read_text()
        return OLD_ENTRANCE if is_old else ENTRANCE

    def fill(self, *arguments: object) -> dict[str, list[str]]:
        """Have benchmarks/prepare.py make people and rooms on this site."""
        command = [sys.executable, "-m", "benchmarks.prepare", *map(str, arguments)]
        done = subprocess.run(command, cwd=self.project, env=self.env, check=True, capture_output=True, text=True)
        made: dict[str, list[str]] = json.loads(done.stdout)
        return made


class Used(NamedTuple):
    """What processes have used up to now: those that are loaded, and the servers behind them."""

    cpu: float
    kib: int
    behind: dict[str, float]


class Stage:
    """What is started on first use and stopped at the end."""

    def __init__(self, before: str = "") -> None:
        self._before = before
        self._stack = ExitStack()
        self._databases = 0

    def __enter__(self) -> Self:
        machine.let_open_many_files()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    @cached_property
    def folder(self) -> Path:
        return self._stack.enter_context(servers.temporary_folder("bench"))

    @cached_property
    def checkout(self) -> Path:
        """The commit that ``--before`` names, with tables and static files of its own; it runs on today's libraries."""
        folder = self.folder / "before"
        git = ["git", "-C", str(servers.PROJECT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", folder, self._before], check=True)
        self._stack.callback(lambda: subprocess.run([*git, "remove", "--force", folder], check=True))
        env = servers.environment(folder / "prepared")
        servers.manage("migrate", "-v0", env=env, project=folder)
        servers.manage("collectstatic", "--noinput", "-v0", env=env, project=folder)
        return folder

    @cached_property
    def program(self) -> Path:
        program = self.folder / "load"
        subprocess.run(["cc", "-O2", "-o", program, HERE / "load" / "load.c"], check=True)
        return program

    @cached_property
    def redis(self) -> servers.Redis:
        return self._stack.enter_context(servers.redis())

    @cached_property
    def postgres(self) -> servers.Postgres:
        """What it commits survives its own crash, not the machine's: no commit waits for the disk."""
        return self._stack.enter_context(servers.postgres(durable=True))

    def database(self) -> str:
        """Return the address of a new database on PostgreSQL with the site's tables."""
        self._databases += 1
        name = f"bench{self._databases}"
        server = self.postgres
        at = ["-h", servers.HOST, "-p", str(server.port), "-U", "chatsite"]
        assert server.run("createdb", *at, "-T", "chatsite", name)
        return server.url.rpartition("/")[0] + "/" + name

    @contextmanager
    def serve(
        self, name: str, *, processes: int = 1, data: Path | None = None, env: dict[str, str] | None = None
    ) -> Iterator[list[Served]]:
        """Serve a peer, on a new SQLite database unless ``data`` or the environment brings another."""
        peer = PEERS[name]
        env = dict(env or {})
        if peer.needs_redis:
            env["REDIS_URL"] = self.redis.url
        folder = data or Path(tempfile.mkdtemp(dir=self.folder))
        project = self.checkout if peer.is_before else servers.PROJECT
        if peer.is_chatsite and not data:
            prepare(folder, self.checkout / "prepared" if peer.is_before else None)
        running = [Served(peer, folder, project=project, pinned=processes == 1, **env) for _ in range(processes)]
        try:
            for server in running:
                server.start()
            yield running
        finally:
            for server in running:
                server.stop()
            if not data:
                shutil.rmtree(folder, ignore_errors=True)

    def load(self, running: Sequence[Served], handshakes: str, *, senders: int, seconds: float, rate: float = 0) -> Row:
        """Run the load generator; return what it counted, and what the servers used meanwhile."""
        path = running[0].folder / "handshakes"
        path.write_text(handshakes)
        ports = ",".join(str(server.port) for server in running)
        command = machine.on_core(machine.CLIENT_CORE, self.program, servers.HOST, ports, path)
        command += [str(senders), str(seconds), str(rate), running[0].peer.speaks]
        # A hundred thousand members who have just been written would have the first commits wait, and pay, for them.
        os.sync()
        marks = {"start": self.used_by(running)}
        found: Row = {}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
            assert load.stdout is not None
            for line in load.stdout:
                if line.startswith("{"):
                    found = json.loads(line)
                else:
                    marks[line.strip()] = self.used_by(running)
        found["whole"] = load.returncode == 0
        if not found["whole"]:
            print(f"{running[0].peer.name}: not every delivery came, once and in order: {found}", file=sys.stderr)
        return {**found, **used_between(marks, found)}

    def used_by(self, running: Sequence[Served]) -> Used:
        started = {name: server for name in ("redis", "postgres") if (server := vars(self).get(name))}
        return Used(
            cpu=sum(machine.cpu_seconds(server.pid) for server in running),
            kib=sum(machine.resident_kib(server.pid) for server in running),
            behind={name: machine.cpu_seconds(machine.pid_of(server)) for name, server in started.items()},
        )


def used_between(marks: dict[str, Used], found: Row) -> Row:
    """Return CPU time between "begin" and "end", and memory between "part", a tenth of the sockets, and all."""
    if "end" not in marks:
        return {}
    begin, end = marks["begin"], marks["end"]
    cpu = end.cpu - begin.cpu
    used: Row = {"cpu_seconds": cpu, "cpu_percent": 100 * cpu / found["seconds"]}
    used |= {f"{name}_cpu_seconds": end.behind[name] - begin.behind[name] for name in begin.behind}
    # With the welcomes, and the seconds of quiet after them.
    used["opening_cpu_ms"] = 1e3 * (begin.cpu - marks["start"].cpu) / found["sockets"]
    if found.get("delivered"):
        used["per_second"] = found["delivered"] / found["seconds"]
        used["cpu_ms_per_1000"] = 1e6 * cpu / found["delivered"]
    if "part" in marks:
        used["kib_per_socket"] = (begin.kib - marks["part"].kib) / (found["sockets"] - found["sockets"] // 10 - 1)
    return used


def prepare(folder: Path, prepared: Path | None = None) -> None:
    prepared = prepared or servers.prepared_folder()
    shutil.copy(prepared / "chat.db", folder)
    shutil.copytree(prepared / "static", folder / "static", copy_function=os.link)


def handshakes(server: Served, sockets: int, *, posters: int = 0, **filling: int) -> str:
    """Return what the load generator says to come in; on a site that is filled for it, ``posters`` of them by HTTP."""
    host = f"{servers.HOST}:{server.port}"
    key = base64.b64encode(os.urandom(16)).decode()
    if not server.peer.is_chatsite:
        return UPGRADE.format(path=PATHS[server.peer.speaks], host=host, key=key, more="") * sockets
    made = server.fill("--people", sockets, *(part for name, n in filling.items() for part in (f"--{name}", n)))
    requests = []
    for number, session in enumerate(made["sessions"]):
        room, more = made["rooms"][number % len(made["rooms"])], f"X-Session-Token: {session}\r\n"
        if number < posters:
            requests.append(POST.format(path=f"/api/rooms/{room}/messages", host=host, more=more))
        else:
            requests.append(UPGRADE.format(path=server.entrance.format(room=room), host=host, key=key, more=more))
    return "".join(requests)
