"""A line that can be slow, hang or break: a TCP proxy before a server of this machine."""

import asyncio
from contextlib import suppress

from tests.servers import HOST, free_port

CHUNK = 64 * 1024
# Chunks on their way in one direction; beyond it the sender waits, as on a real line.
MAX_CHUNKS = 64

Chunk = tuple[float, bytes]


class Proxy:
    """Passes on what comes to ``port``, after ``delay`` seconds in each direction."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_port()
        self.delay = 0.0
        self._passes = asyncio.Event()
        self._passes.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, self.port, backlog=2_000, limit=CHUNK)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    def hold(self) -> None:
        """Let nothing through, in either direction, until it is released: then all of it comes."""
        self._passes.clear()

    def release(self) -> None:
        self._passes.set()

    def cut(self) -> None:
        """Break every connection at once, without a good-bye."""
        for writer in self._writers:
            writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = [writer]
        self._writers.add(writer)
        try:
            await self._passes.wait()
            there, to_there = await asyncio.open_connection(HOST, self.target, limit=CHUNK)
            ends.append(to_there)
            self._writers.add(to_there)
            ways = [asyncio.create_task(self._carry(*way)) for way in ((reader, to_there), (there, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        except OSError:
            # Nobody listens there: the caller is hung up on.
            pass
        finally:
            for end in ends:
                end.transport.abort()
                self._writers.discard(end)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction until it ends; what was said before the end still arrives."""
        chunks: asyncio.Queue[Chunk | None] = asyncio.Queue(MAX_CHUNKS)
        passing_on = asyncio.create_task(self._pass_on(chunks, writer))
        loop = asyncio.get_running_loop()
        try:
            with suppress(OSError):
                while data := await reader.read(CHUNK):
                    await chunks.put((loop.time() + self.delay, data))
            await chunks.put(None)
            await passing_on
        finally:
            passing_on.cancel()

    async def _pass_on(self, chunks: asyncio.Queue[Chunk | None], writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while chunk := await chunks.get():
                due, data = chunk
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                await self._passes.wait()
                writer.write(data)
                await writer.drain()
