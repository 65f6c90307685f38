"""That no attack over the network works on a real site, and that the runner is turned on nobody else's."""

import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests import servers
from tests.conftest import PASSWORD
from tests.security.attack.__main__ import main, try_all
from tests.security.attack.attack import ALL, Attack, Outcome
from tests.security.attack.scene import Scene

pytestmark = pytest.mark.security

NAMES = ("ann", "ben", "cleo")
# What a site without TLS cannot show, and what takes minutes; test_*.py beside this one ask it in their own ways.
NOT_HERE = {"cookies", "plain_port", "address_without_password"}
NEEDS_MAIL = {
    "guest_under_a_foreign_address",
    "mails_without_end",
    "taken_addresses_by_answer",
    "taken_addresses_by_time",
}

MAKE_PEOPLE = f"""
from allauth.account.models import EmailAddress
from accounts.models import User
for name in {NAMES!r}:
    email = f"{{name}}@example.org"
    user = User.objects.create_user(name, email, {PASSWORD!r})
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
"""


class TakesMail(socketserver.StreamRequestHandler):
    """A mail server that takes everything and keeps nothing."""

    def handle(self) -> None:
        self.answer("220 here")
        in_letter = False
        for line in self.rfile:
            command = line.strip().upper()
            if in_letter:
                if command == b".":
                    in_letter = False
                    self.answer("250 taken")
            elif command == b"DATA":
                in_letter = True
                self.answer("354 go on")
            elif command == b"QUIT":
                self.answer("221 bye")
                return
            else:
                self.answer("250 fine")

    def answer(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@pytest.fixture
def mail_url() -> Iterator[str]:
    with MailServer((servers.HOST, 0), TakesMail) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://{servers.HOST}:{server.server_address[1]}"
        server.shutdown()


def by_name(attacks: list[Attack]) -> dict[str, Attack]:
    return {getattr(attack.run, "__name__", attack.says): attack for attack in attacks}


def not_held(outcomes: list[Outcome]) -> list[str]:
    return [
        f"{outcome.verdict}: {outcome.attack.says} — {outcome.seen}"
        for outcome in outcomes
        if outcome.verdict != "holds"
    ]


def test_no_attack_works_on_a_site_as_it_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    with servers.site() as site:
        site.env["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
        site.manage("createsuperuser", "--noinput", "--username", "dana", "--email", "dana@example.org")
        tried = [attack for name, attack in by_name(ALL).items() if name not in NOT_HERE | NEEDS_MAIL]
        outcomes = try_all(Scene(site.url, staff=("dana", PASSWORD)), tried)
    assert not_held(outcomes) == []
    assert len(outcomes) == len(ALL) - len(NOT_HERE | NEEDS_MAIL)
    printed = capsys.readouterr().out
    assert all(attack.says[:30] in printed for attack in tried)


def test_no_attack_works_on_a_site_that_confirms_addresses(mail_url: str) -> None:
    with servers.site(env={"EMAIL_URL": mail_url}) as site:
        site.manage("shell", "-v0", "-c", MAKE_PEOPLE)
        attacks = by_name(ALL)
        outcomes = try_all(
            Scene(site.url, [(name, PASSWORD) for name in NAMES]), [attacks[name] for name in sorted(NEEDS_MAIL)]
        )
    assert not_held(outcomes) == []


def test_every_attack_says_what_is_tried_in_a_sentence_of_its_own() -> None:
    assert len({attack.says for attack in ALL}) == len(ALL) == len(by_name(ALL))
    assert all(len(attack.says) > 20 for attack in ALL)


@pytest.mark.parametrize(
    "url", ["https://chat.example.org", "http://10.0.0.1:8000", "chat.example.org", "ftp://127.0.0.1"]
)
def test_a_site_elsewhere_is_attacked_only_by_who_says_that_it_is_theirs(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main([url])
    assert refused.value.code == 2
    assert capsys.readouterr().out == ""
