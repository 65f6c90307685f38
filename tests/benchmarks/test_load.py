"""The load generator notices what goes wrong: figures of a server that loses messages would be worth nothing."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
import websockets

from benchmarks.stage import HERE, UPGRADE
from tests import servers


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = servers.need("build-essential")
    program = tmp_path_factory.mktemp("load") / "load"
    subprocess.run([compiler, "-O2", "-o", program, HERE / "load" / "load.c"], check=True)
    return program


class Room:
    """Sends each message to everybody, but for what it does to the tenth."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.here: set[websockets.ServerConnection] = set()
        self.heard = 0

    async def serve(self, connection: websockets.ServerConnection) -> None:
        self.here.add(connection)
        async for message in connection:
            self.heard += 1
            # Once more, out of its order.
            times = 2 if self.fault == "twice" and self.heard == 10 else 1
            for _ in range(times):
                websockets.broadcast(self.here, message)


async def loaded(program: Path, folder: Path, fault: str) -> tuple[int, dict[str, int]]:
    async with websockets.serve(Room(fault).serve, servers.HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        handshake = UPGRADE.format(path="/", host=servers.HOST, key=key, more="")
        (folder / "handshakes").write_text(handshake * 3)
        # Three sockets, two of which send twenty messages a second in all.
        arguments = [servers.HOST, str(port), folder / "handshakes", "2", "0.5", "20", "tutorial"]
        process = await asyncio.create_subprocess_exec(program, *arguments, stdout=subprocess.PIPE)
        output, _ = await process.communicate()
    return process.returncode or 0, json.loads(output.splitlines()[-1])


async def test_each_delivery_is_counted(program: Path, tmp_path: Path) -> None:
    status, found = await loaded(program, tmp_path, "none")
    assert status == 0
    assert found["sent"] >= 20
    assert found["missing"] == found["order_errors"] == found["closed"] == 0


async def test_a_message_that_comes_twice_fails_the_run(program: Path, tmp_path: Path) -> None:
    status, found = await loaded(program, tmp_path, "twice")
    assert status == 1
    assert found["order_errors"] == 3
