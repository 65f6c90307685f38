"""Redis, plain or with TLS."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from tests.servers.processes import HOST, Server, free_port, temporary_folder
from tests.servers.programs import need


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
        make: list[str | Path] = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        make += ["-subj", f"/CN={HOST}"]
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
