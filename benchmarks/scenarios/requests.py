"""What a request takes over HTTP: pages, the API, polls, posts and static files, each for itself, by wrk."""

import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

from benchmarks import machine
from benchmarks.stage import Row, Served, Stage
from tests import servers

PLAIN = "the plain view"
ROOMS = 50
# Of the room that is read: enough for its pages to be whole.
MESSAGES = 300
POST = """
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
function init() n = 0; salt = math.random(1e9) end
function request()
    n = n + 1
    local body = string.format('{"client_id": "%d-%d-%d", "body": "Something that people say"}', id, salt, n)
    return wrk.format("POST", nil, nil, body)
end
"""
POLL = """
function request()
    return wrk.format("POST", nil, nil, 'BODY')
end
"""
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}
SECONDS = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)$", re.MULTILINE)


@dataclass(frozen=True)
class Ask:
    """One kind of request, from so many connections at once."""

    path: str
    connections: int = 4
    script: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Requests:
    """A row has each kind of request, by name."""

    contenders: tuple[str, ...] = ("Chatsite", PLAIN)
    seconds: int = 3
    rounds: int = 3
    # Kinds of request; none: all of them.
    only: tuple[str, ...] = ()

    def measure(self, contender: str, stage: Stage) -> Row:
        row: Row = {"whole": True}
        with stage.serve(contender) as (server,):
            asks = {"/healthz": Ask("/healthz")} if contender == PLAIN else self.asks(server)
            for name, ask in asks.items():
                if self.only and name not in self.only:
                    continue
                load(server, ask, seconds=1)
                row[name] = load(server, ask, seconds=self.seconds)
                row["whole"] &= not row[name].pop("refused")
        return row

    def asks(self, server: Served) -> dict[str, Ask]:
        made = server.fill("--rows", MESSAGES)
        room, session = made["rooms"][0], made["sessions"][0]
        cookie = {"Cookie": f"sessionid={session}"}
        json = {"X-Session-Token": session, "Content-Type": "application/json"}
        for number in range(ROOMS - 1):
            ask = Request(f"{url_of(server)}/api/rooms", f'{{"name": "Room {number}"}}'.encode(), json)
            urlopen(ask, timeout=60).close()
        messages = f"/api/rooms/{room}/messages"
        asked = f'{{"rooms": [{{"room": "{room}", "after": {MESSAGES}}}], "here": "bench", "attend": "{room}"}}'
        static = next((server.folder / "static" / "js").glob("*/main.*.js"))
        return {
            "/healthz": Ask("/healthz"),
            "a static file": Ask(f"/static/{static.relative_to(server.folder / 'static')}"),
            "a poll with nothing new": Ask("/api/v1/poll", script=POLL.replace("BODY", asked), headers=json),
            "/api/me": Ask("/api/me", headers=cookie),
            "a page of 100 messages": Ask(messages, headers=cookie),
            "the list of rooms, 50 rooms": Ask("/rooms/", headers=cookie),
            "a room's page": Ask(f"/rooms/{room}/", headers=cookie),
            "the log-in page": Ask("/accounts/login/"),
            "the sign-up page": Ask("/accounts/signup/"),
            "a post, 16 senders": Ask(messages, connections=16, script=POST, headers=json),
        }


def url_of(server: Served) -> str:
    return f"http://{servers.HOST}:{server.port}"


def load(server: Served, ask: Ask, *, seconds: int) -> Row:
    """Return requests a second, the CPU of each, and how long they took."""
    url = url_of(server) + ask.path
    headers = [part for name, value in ask.headers.items() for part in ("-H", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(ask.script)
        script.flush()
        scripted = ["-s", script.name] if ask.script else []
        wrk = ["wrk", "--latency", "-t1", f"-c{ask.connections}", f"-d{seconds}s", *scripted, *headers, url]
        before = machine.cpu_seconds(server.pid)
        done = subprocess.run(
            machine.on_core(machine.CLIENT_CORE, *wrk), check=True, capture_output=True, text=True
        ).stdout
        cpu = machine.cpu_seconds(server.pid) - before
    count = int(re.search(r"(\d+) requests in", done)[1])  # type: ignore[index]
    times = {percent: float(value) * UNITS[unit] for percent, value, unit in SECONDS.findall(done)}
    return {
        "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1]),  # type: ignore[index]
        "cpu_ms": 1e3 * cpu / max(count, 1),
        "p50_ms": times["50"],
        "p99_ms": times["99"],
        "refused": "Non-2xx" in done or "Socket errors" in done,
    }


SCENARIOS = {"requests": Requests()}
