"""Quiet sockets that show several rooms: what one takes, and what entering a further room costs."""

import asyncio
import json
import os
from dataclasses import dataclass

import websockets
from websockets.asyncio.client import ClientConnection

from benchmarks import machine
from benchmarks.stage import Row, Served, Stage
from tests import servers

# Seconds until the server has done what follows a burst.
SETTLE = 6.0
AT_ONCE = 32


@dataclass(frozen=True)
class Several:
    """Each socket enters its rooms one after the other, from the row that it has, as a page does that comes back."""

    contenders: tuple[str, ...] = ("Chatsite",)
    sockets: int = 1_000
    rooms: int = 5
    rounds: int = 3

    def measure(self, contender: str, stage: Stage) -> Row:
        with stage.serve(contender) as (server,):
            made = server.fill("--people", self.sockets, "--rooms", self.rooms, "--everywhere")
            return asyncio.run(self.enter(server, made["rooms"], made["sessions"]))

    async def enter(self, server: Served, rooms: list[str], sessions: list[str]) -> Row:
        os.sched_setaffinity(0, {machine.CLIENT_CORE})
        gate = asyncio.Semaphore(AT_ONCE)
        url = f"ws://{servers.HOST}:{server.port}/ws/?v=2"
        # As for other sockets, what the first tenth of them takes is the process's own.
        first = len(sessions) // 10
        lines = await asyncio.gather(*(connect(gate, url, session) for session in sessions[:first]))
        begun = machine.resident_kib(server.pid)
        lines += await asyncio.gather(*(connect(gate, url, session) for session in sessions[first:]))
        await asyncio.sleep(SETTLE)
        before, kib = machine.cpu_seconds(server.pid), machine.resident_kib(server.pid)
        began = asyncio.get_running_loop().time()
        for room in rooms:
            await asyncio.gather(*(enter(gate, line, room) for line in lines))
        seconds = asyncio.get_running_loop().time() - began
        cpu = machine.cpu_seconds(server.pid) - before
        await asyncio.sleep(SETTLE)
        end = machine.resident_kib(server.pid)
        entered = len(lines) * len(rooms)
        await asyncio.gather(*(line.close() for line in lines))
        return {
            "whole": True,
            "sockets": self.sockets,
            "rooms": self.rooms,
            "entering_cpu_ms": 1e3 * cpu / entered,
            "entered_per_second": entered / seconds,
            "kib_per_room": (end - kib) / entered,
            "kib_per_socket": (end - begun) / (len(lines) - first),
        }


async def connect(gate: asyncio.Semaphore, url: str, session: str) -> ClientConnection:
    async with gate:
        headers = {"X-Session-Token": session}
        line = await websockets.connect(
            url, additional_headers=headers, compression=None, ping_interval=None, open_timeout=60, max_queue=None
        )
        await until(line, "welcome")
        return line


async def enter(gate: asyncio.Semaphore, line: ClientConnection, room: str) -> None:
    async with gate:
        await line.send(json.dumps({"type": "enter", "room": room, "after": 1}))
        await until(line, "welcome")


async def until(line: ClientConnection, kind: str) -> None:
    while not any(event["type"] == kind for event in json.loads(await line.recv())):
        pass


SCENARIOS = {"several-rooms": Several()}
