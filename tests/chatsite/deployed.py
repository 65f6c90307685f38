"""What deploy/ holds, and a server behind it."""

import http.server
import json

from tests import servers

DEPLOY = servers.PROJECT / "deploy"
CERTIFICATE = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "1",
]


class Echo(http.server.BaseHTTPRequestHandler):
    """In the place of a daphne process: answers with the headers that nginx sends it."""

    def do_GET(self) -> None:
        body = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass
