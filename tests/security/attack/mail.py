"""The mail server of the attacked site, for attacks that only a mailbox shows: it takes all and passes on nothing."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

HOST = "127.0.0.1"


class Mailbox(socketserver.ThreadingTCPServer):
    """Everybody's."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), Session)
        self.letters: list[tuple[str, EmailMessage]] = []

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.server_address[1]}"

    def to(self, address: str) -> list[str]:
        """Return what was written to this address, each with its subject."""
        letters = [letter for recipient, letter in list(self.letters) if recipient.lower() == address.lower()]
        return [f"{letter['Subject']}\n{text_of(letter)}" for letter in letters]


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain", "html"))
    return str(body.get_content()) if body else ""


class Session(socketserver.StreamRequestHandler):
    """As much of SMTP as Django's mail speaks."""

    server: Mailbox

    def handle(self) -> None:
        recipients: list[str] = []
        self.say("220 here")
        for line in self.rfile:
            command = line.strip().upper()
            if command.startswith(b"RCPT TO:"):
                recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
                self.say("250 fine")
            elif command == b"DATA":
                self.say("354 go on")
                letter = self.letter()
                self.server.letters += [(recipient, letter) for recipient in recipients]
                recipients = []
                self.say("250 taken")
            elif command == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def letter(self) -> EmailMessage:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mailbox(port: int = 0) -> Iterator[Mailbox]:
    with Mailbox(port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
