"""The servers of a fault test, and its people: each process behind a proxy of its own, Redis behind another."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import servers
from tests.faults.proxy import Proxy
from tests.scripts import Script

# The first is the admin of the rooms.
CAST = ["alice", "bob", "carol", "david", "erin", "frank", "grace", "heidi"]
# Bytes of the disk that is going to be full.
SMALL = 24 * 1024 * 1024
# Longer than a line may be held: a process that no client reaches passes no fail point.
FAIL_SECONDS = 90
THREADS = 64


class FaultySite(servers.Site):
    """A process that can be told where to die."""

    def __init__(self, data: Path, logs: Path, env: dict[str, str]) -> None:
        super().__init__(data, env)
        self.command[self.command.index("chatsite.serve")] = "tests.faults.serve"
        self.log_file = logs / f"{self.port}.log"
        self.armed = logs / f"{self.port}.armed"
        self.platter = logs / "platter"
        self.env["FAULTS_ARM"] = str(self.armed)

    def prepare(self) -> None:
        # By a link, because the folder may be on another disk.
        if not (self.data / "static").exists():
            (self.data / "static").symlink_to(servers.prepared_folder() / "static")
        super().prepare()

    async def die_at(self, point: str) -> None:
        """Wait until the process has killed itself at the next passing of ``point``."""
        self.armed.write_text(point)
        await asyncio.to_thread(servers.wait_until, self.has_ended, FAIL_SECONDS)
        self.kill()

    def lose_power(self) -> None:
        """Find on the disk what had been synced, and nothing else."""
        self.kill()
        for file in self.data.glob("chat.db*"):
            file.unlink()
        for file in self.platter.iterdir():
            shutil.move(file, self.data)

    async def back(self) -> None:
        await asyncio.to_thread(self.start)

    def memory(self) -> int:
        """Return the MiB that the process holds; 0 while it is away."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))
        except (OSError, StopIteration):
            return 0


@dataclass(slots=True)
class Stage:
    sites: list[FaultySite]
    doors: list[Proxy] = field(default_factory=list)
    people: list[Script] = field(default_factory=list)
    postgres: servers.Postgres | None = None
    redis: servers.Redis | None = None
    redis_line: Proxy | None = None
    rooms: int = 0

    async def plant(self, bug: str) -> None:
        """Start the processes anew, with a bug in them."""
        for site in self.sites:
            await asyncio.to_thread(site.stop)
            site.env["FAULTS_PLANT"] = bug
        await asyncio.gather(*(site.back() for site in self.sites))

    @property
    def urls(self) -> list[str]:
        return [door.url for door in self.doors]

    async def open_room(self, people: list[Script]) -> str:
        """Return a new room whose admin is the first of its people."""
        self.rooms += 1
        name = {"name": f"Room {self.rooms}"}
        room: str = (await asyncio.to_thread(people[0].call, "POST", "/api/rooms", name))["id"]
        for person in people[1:]:
            await asyncio.to_thread(person.call, "POST", f"/api/rooms/{room}/join", {})
        return room

    @property
    def database(self) -> str | Path:
        return self.postgres.url if self.postgres else self.sites[0].data / "chat.db"

    def signal_postgres(self, number: signal.Signals) -> None:
        """Send a signal to PostgreSQL, its backends included."""
        assert self.postgres
        postmaster = self.postgres.process.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in [postmaster, *map(int, children)]:
            subprocess.run(["kill", f"-{number.value}", str(pid)], check=False)


@asynccontextmanager
async def cluster(processes: int = 3, *, plant: str = "", has_limits: bool = True) -> AsyncIterator[Stage]:
    """PostgreSQL, Redis and several processes."""
    async with AsyncExitStack() as stack:
        postgres = await asyncio.to_thread(stack.enter_context, servers.postgres(durable=True))
        redis = await asyncio.to_thread(stack.enter_context, servers.redis())
        redis_line = await _started(Proxy(redis.port), stack)
        folder = stack.enter_context(servers.temporary_folder("faults"))
        env = {"DATABASE_URL": postgres.url, "REDIS_URL": f"redis://{servers.HOST}:{redis_line.port}/0"}
        env |= {"SECRET_KEY": "of the faults " * 5, "ALLOWED_HOSTS": servers.HOST, "FAULTS_PLANT": plant}
        env |= {"RATE_LIMITS": str(has_limits).lower()}
        sites = [FaultySite(folder, folder, env) for _ in range(processes)]
        stage = Stage(sites, postgres=postgres, redis=redis, redis_line=redis_line)
        await _begin(stage, stack)
        yield stage


@asynccontextmanager
async def single(*, plant: str = "", small_disk: bool = False) -> AsyncIterator[Stage]:
    """One process on SQLite, on a disk that a power cut can empty of what was not synced."""
    async with AsyncExitStack() as stack:
        logs = stack.enter_context(servers.temporary_folder("faults"))
        data = logs / "data"
        data.mkdir()
        if small_disk:
            stack.enter_context(mounted(data))
        site = FaultySite(data, logs, {"FAULTS_PLANT": plant, "FAULTS_PLATTER": str(logs / "platter")})
        site.platter.mkdir()
        stage = Stage([site])
        await _begin(stage, stack)
        yield stage


async def _started(proxy: Proxy, stack: AsyncExitStack) -> Proxy:
    await proxy.start()
    stack.push_async_callback(proxy.stop)
    return proxy


async def _begin(stage: Stage, stack: AsyncExitStack) -> None:
    # Calls that wait for a server that is away may not hold up the one that brings it back.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    await asyncio.to_thread(stage.sites[0].prepare)
    for site in stage.sites:
        stack.callback(site.stop)
    await asyncio.gather(*(site.back() for site in stage.sites))
    stage.doors = [await _started(Proxy(site.port), stack) for site in stage.sites]
    stage.people = [
        await asyncio.to_thread(Script, stage.urls[index % len(stage.urls)], name) for index, name in enumerate(CAST)
    ]


def can_mount() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """A small disk of its own for ``folder``; only root may do that."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
