"""A mail server that takes all and passes on nothing, unless it is told to answer otherwise, or not at all."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

HOST = "127.0.0.1"
# Seconds without a new letter after which none is on its way: a site sends them after it has answered.
QUIET = 1.5
HANG = None


class Mailbox(socketserver.ThreadingTCPServer):
    """Everybody's."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), Session)
        self.letters: list[tuple[str, EmailMessage]] = []
        # What it says instead, by the command that is answered: "" greets, "." is the end of a letter. HANG: nothing.
        self.answers: dict[str, str | None] = {}
        self.is_over = threading.Event()
        # How many have come to it so far.
        self.callers = 0
        # How many are waiting for a word of it.
        self.hanging = 0

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.server_address[1]}"

    def to(self, address: str) -> list[str]:
        """Return what was written to this address, each with its subject, once all has arrived."""
        self.settle()
        letters = [letter for recipient, letter in list(self.letters) if recipient.lower() == address.lower()]
        return [f"{letter['Subject']}\n{text_of(letter)}" for letter in letters]

    def settle(self) -> None:
        count = -1
        while count < (count := len(self.letters)):
            time.sleep(QUIET)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain", "html"))
    return str(body.get_content()) if body else ""


class Session(socketserver.StreamRequestHandler):
    """As much of SMTP as Django's mail speaks."""

    server: Mailbox

    def handle(self) -> None:
        recipients: list[str] = []
        self.server.callers += 1
        self.say("", "220 here")
        for line in self.rfile:
            command = line[:4].strip().decode().upper()
            if command == "RCPT":
                if self.say(command, "250 fine"):
                    recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
            elif command == "DATA":
                if not self.say(command, "354 go on"):
                    continue
                letter = self.letter()
                if self.say(".", "250 taken"):
                    self.server.letters += [(recipient, letter) for recipient in recipients]
                recipients = []
            elif command == "QUIT":
                self.say(command, "221 bye")
                return
            else:
                self.say(command, "250 fine")

    def letter(self) -> EmailMessage:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)

    def say(self, to: str, line: str) -> bool:
        """Answer a command; whether it was taken."""
        answer = self.server.answers.get(to, line)
        if answer is HANG:
            self.server.hanging += 1
            self.server.is_over.wait()
            return False
        self.wfile.write(f"{answer}\r\n".encode())
        return answer == line


@contextmanager
def mailbox(port: int = 0) -> Iterator[Mailbox]:
    with Mailbox(port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.is_over.set()
            server.shutdown()
