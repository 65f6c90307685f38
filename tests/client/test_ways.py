"""Lines that are not as they should be: no WebSocket passes, or somebody else answers."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import pytest
from chatsite_client import Api, BadCertificate, Connected, Ended, Live

from tests import servers
from tests.client.people import Ear, Person

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


@asynccontextmanager
async def no_sockets(target: int) -> AsyncIterator[str]:
    """A proxy that knows nothing of WebSockets: it refuses to open any; yields its address."""

    async def serve(reader: Reader, writer: Writer) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            if b" /ws/" in head:
                writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                inner, outer = await asyncio.open_connection(servers.HOST, target)
                outer.write(head)
                await asyncio.gather(pump(reader, outer), pump(inner, writer))
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    async def pump(reader: Reader, writer: Writer) -> None:
        while piece := await reader.read(65536):
            writer.write(piece)
        writer.close()

    served: set[asyncio.Task[None]] = set()
    server = await asyncio.start_server(
        lambda reader, writer: served.add(asyncio.create_task(serve(reader, writer))), servers.HOST, 0
    )
    try:
        yield f"http://{servers.HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        # They end with the client's connections.
        await asyncio.gather(*served)


async def test_where_no_socket_passes_it_polls(chat: servers.Site, ann: Person, ben: Person) -> None:
    async with ann.api() as hers, no_sockets(chat.port) as url, Api(url, token=ben.token) as his:
        room = (await hers.open_room(f"Polled {ann.name}"))["id"]
        await his.join(room)
        async with Live(his) as live, Ear(live) as ear:
            live.enter(room)
            await ear.until(lambda: Connected("polling") in ear.news)
            for number in range(5):
                await hers.post(room, f"words {number}")
            await ear.until(lambda: len(ear.words()) == 5)
            assert ear.words() == [f"words {number}" for number in range(5)]


def stranger(folder: Path) -> ssl.SSLContext:
    """Return the side of a server whose certificate nobody has signed."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "1",
         "-subj", "/CN=chat.example.org"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_nothing_is_said_to_whoever_has_no_valid_certificate(tmp_path: Path, ann: Person) -> None:
    heard: list[bytes] = []

    async def listen(reader: Reader, writer: Writer) -> None:
        heard.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(listen, servers.HOST, 0, ssl=stranger(tmp_path))
    port = server.sockets[0].getsockname()[1]
    async with Api(f"https://{servers.HOST}:{port}", token=ann.token) as api:
        with pytest.raises(BadCertificate, match="not valid"):
            await api.me()
        async with Live(api) as live, Ear(live) as ear:
            await ear.until(lambda: ear.told(Ended))
    server.close()
    assert not any(heard)
