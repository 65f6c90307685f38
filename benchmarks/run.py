"""The load scenarios (see docs/performance.md): ``python -m benchmarks.run SCENARIO [SCENARIO …] [--rounds N]``.

Server and client each have a core of their own where there are two. Peers take turns, round by round; what is printed
are medians, with the least and the most of the rounds. A run in which a delivery is missing or out of order fails.
"""

import argparse
import base64
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import servers

HERE = Path(__file__).parent
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Peer:
    """Something that is loaded: a command that takes a port, and what its sockets send and get."""

    name: str
    module: str
    application: str
    env: dict[str, str] = field(default_factory=dict)
    needs_redis: bool = False

    @property
    def is_chatsite(self) -> bool:
        return self.application.startswith("chatsite")


SITE = "chatsite.asgi:application"
TUTORIAL = "benchmarks.peers.tutorial:application"
PEERS = {
    peer.name: peer
    for peer in (
        Peer("chatsite", "chatsite.serve", SITE),
        Peer("chatsite, plain daphne", "daphne", SITE),
        Peer("tutorial, in memory", "daphne", TUTORIAL, {"LAYER": "memory"}),
        Peer("tutorial, core", "daphne", TUTORIAL, {"LAYER": "core"}, needs_redis=True),
        Peer("tutorial, pub/sub", "daphne", TUTORIAL, {"LAYER": "pubsub"}, needs_redis=True),
        Peer("tutorial, pub/sub, ORM", "daphne", TUTORIAL, {"LAYER": "pubsub", "SAVE": "1"}, needs_redis=True),
    )
}


@dataclass(frozen=True)
class Scenario:
    sockets: int
    senders: int
    seconds: float
    # Messages a second in all; 0: each sender waits for its last one.
    rate: float
    peers: tuple[str, ...]


FAN_OUT = ("chatsite", "chatsite, plain daphne", "tutorial, pub/sub")
POSTS = ("chatsite", "tutorial, pub/sub, ORM")
SCENARIOS = {
    "fan-out-100": Scenario(100, 10, 5, 0, FAN_OUT),
    "fan-out-500": Scenario(500, 10, 5, 0, FAN_OUT),
    "fan-out-1000": Scenario(1000, 10, 5, 0, FAN_OUT),
    "latency": Scenario(100, 10, 8, 20, FAN_OUT),
    "posts-1": Scenario(2, 1, 5, 0, POSTS),
    "posts-16": Scenario(17, 16, 5, 0, POSTS),
    "posts-64": Scenario(65, 64, 5, 0, POSTS),
}


class Loaded(servers.Server):
    """A peer on a core of its own."""

    def __init__(self, peer: Peer, folder: Path, redis_url: str) -> None:
        port = servers.free_port()
        env = servers.environment(folder, PORT=str(port), RATE_LIMITS="off", FOLDER=str(folder), **peer.env)
        if peer.needs_redis:
            env["REDIS_URL"] = redis_url
        command: list[str | Path] = ["taskset", "-c", str(SERVER_CORE), sys.executable, "-m", peer.module]
        command += ["-b", servers.HOST, "-p", str(port), "--verbosity", "0", peer.application]
        super().__init__(command, port=port, folder=folder, env=env)

    def cpu_seconds(self) -> float:
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def load_generator() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="chatsite-load-") as folder:
        program = Path(folder) / "load"
        subprocess.run(["cc", "-O2", "-o", program, HERE / "load.c"], check=True)
        yield program


def handshakes(peer: Peer, server: Loaded, sockets: int) -> str:
    host = f"{servers.HOST}:{server.port}"
    if not peer.is_chatsite:
        paths = [("/ws/chat/load/", "")] * sockets
    else:
        command = [sys.executable, "-m", "benchmarks.prepare", str(sockets)]
        done = subprocess.run(command, env=server.env, check=True, capture_output=True, text=True)
        made = json.loads(done.stdout)
        path = f"/ws/rooms/{made['room']}/?v=1"
        paths = [(path, f"X-Session-Token: {key}\r\n") for key in made["sessions"]]
    key = base64.b64encode(os.urandom(16)).decode()
    return "".join(UPGRADE.format(path=path, host=host, key=key, more=more) for path, more in paths)


def measure(peer: Peer, scenario: Scenario, program: Path, redis_url: str) -> dict[str, Any]:
    with servers.temporary_folder("bench") as folder:
        if peer.is_chatsite:
            shutil.copy(servers.prepared_folder() / "chat.db", folder)
            shutil.copytree(servers.prepared_folder() / "static", folder / "static", copy_function=os.link)
        server = Loaded(peer, folder, redis_url)
        server.env["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
        server.start()
        try:
            path = folder / "handshakes"
            path.write_text(handshakes(peer, server, scenario.sockets))
            return drive(peer, scenario, server, program, path)
        finally:
            server.stop()


def drive(peer: Peer, scenario: Scenario, server: Loaded, program: Path, path: Path) -> dict[str, Any]:
    command: list[str | Path] = ["taskset", "-c", str(CLIENT_CORE), program, servers.HOST, str(server.port), path]
    command += [str(scenario.senders), str(scenario.seconds), str(scenario.rate)]
    command += ["chatsite" if peer.is_chatsite else "tutorial"]
    used = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        assert load.stdout is not None
        for line in load.stdout:
            if line.strip() in {"begin", "end"}:
                used[line.strip()] = server.cpu_seconds()
            else:
                found: dict[str, Any] = json.loads(line)
    if load.returncode:
        print(f"{peer.name}: not every delivery came, once and in order: {found}", file=sys.stderr)
    cpu = used["end"] - used["begin"]
    found["cpu_ms_per_1000"] = 1e6 * cpu / found["delivered"] if found["delivered"] else float("nan")
    found["cpu_share"] = cpu / found["seconds"]
    found["whole"] = load.returncode == 0
    return found


def report(name: str, results: dict[str, list[dict[str, Any]]]) -> None:
    print(f"\n{name}")
    print(f"{'':26}{'deliveries/s':>24}{'CPU ms/1,000':>14}{'p50 ms':>9}{'p99 ms':>9}{'messages/s':>12}  whole")
    for peer, rounds in results.items():
        rates = [row["per_second"] for row in rounds]
        middle = {key: statistics.median(row[key] for row in rounds) for key in ("cpu_ms_per_1000", "p50_ms", "p99_ms")}
        spread = f"{statistics.median(rates):,.0f} ({min(rates):,.0f}–{max(rates):,.0f})"
        posts = statistics.median(rates) / rounds[0]["sockets"]
        print(
            f"{peer:26}{spread:>24}{middle['cpu_ms_per_1000']:>14.2f}{middle['p50_ms']:>9.2f}{middle['p99_ms']:>9.2f}"
            f"{posts:>12,.0f}  {all(row['whole'] for row in rounds)}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="+", choices=[*SCENARIOS, "all"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="Peers whose name begins like this.", default="")
    chosen = parser.parse_args()
    names = list(SCENARIOS) if "all" in chosen.scenarios else chosen.scenarios
    whole = True
    with load_generator() as program, servers.redis() as redis:
        for name in names:
            scenario = SCENARIOS[name]
            peers = [PEERS[peer] for peer in scenario.peers if peer.startswith(chosen.only)]
            results: dict[str, list[dict[str, Any]]] = {peer.name: [] for peer in peers}
            for _round in range(chosen.rounds):
                for peer in peers:
                    results[peer.name].append(measure(peer, scenario, program, redis.url))
            report(name, results)
            whole &= all(row["whole"] for rounds in results.values() for row in rounds)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
