"""A mail server as docs/deploy.md has it, mail.example.org: STARTTLS, a name and a password; a file for each mail.

Its argument is the address to listen at.
"""

import itertools
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

MAILS = Path("/root/mails")


class Keep:
    def __init__(self) -> None:
        MAILS.mkdir(exist_ok=True)
        self.numbers = itertools.count(1)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        (MAILS / str(next(self.numbers))).write_bytes(envelope.content)
        return "250 OK"


def let_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"user", b"password"))


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/root/pebble/certificate.pem", "/root/pebble/key.pem")
Controller(
    Keep(), sys.argv[1], 587, tls_context=context, require_starttls=True, auth_required=True, authenticator=let_in
).start()
threading.Event().wait()
