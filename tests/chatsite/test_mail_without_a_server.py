"""Without a mail server no link that opens an account is printed, but on the terminal of who tries the site out."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.servers import PROJECT, environment

pytestmark = pytest.mark.security

SEND = """
import django, os
os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
django.setup()
from django.core.mail import send_mail
send_mail("A link", "https://chat.example.org/accounts/password/reset/key/1-abc", None, ["alice@example.org"])
"""
EMBEDDED = "from chatsite import embedded; embedded.print_mail_on_a_terminal()\n"


def run(data: Path, script: str, terminal: bool = False, **env: str) -> str:
    """Return all that is printed, to a file as under systemd or to a terminal."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    full = {**environment(data, **env), "PYTHONPATH": os.fspath(PROJECT)}
    subprocess.run([sys.executable, "-c", script], env=full, stdout=theirs, stderr=theirs, check=True, timeout=60)
    os.close(theirs)
    printed = b""
    try:
        while chunk := os.read(ours, 65_536):
            printed += chunk
    except OSError:  # how a terminal ends
        pass
    os.close(ours)
    return printed.decode()


@pytest.mark.parametrize("url", ["", "https://chat.example.org"])
def test_a_served_site_prints_no_link(tmp_path: Path, url: str) -> None:
    assert "reset/key" not in run(tmp_path, SEND, SITE_URL=url)


def test_make_run_prints_mail_on_its_terminal_but_into_no_file(tmp_path: Path) -> None:
    assert "reset/key" in run(tmp_path, EMBEDDED + SEND, terminal=True)
    assert "reset/key" not in run(tmp_path, EMBEDDED + SEND)


def test_a_mail_server_that_is_named_is_used_there_too(tmp_path: Path) -> None:
    printed = run(tmp_path, EMBEDDED + SEND, terminal=True, EMAIL_URL="dummymail://")
    assert "reset/key" not in printed


@pytest.mark.django_db
def test_the_page_for_a_forgotten_password_says_whom_to_ask(client: Client, settings: Settings) -> None:
    page = reverse("account_reset_password")
    assert "Send the link" in client.get(page).content.decode()

    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

    said = client.get(page).content.decode()
    assert "Ask the people who run it" in said
    assert not re.search(r'name="email"', said)


@pytest.mark.django_db
def test_who_runs_the_site_gives_a_new_password_at_the_command_line(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    client.force_login(alice)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "another good horse")

    call_command("changepassword", "alice", verbosity=0)

    alice.refresh_from_db()
    assert alice.check_password("another good horse")
    assert client.get("/api/me").status_code == 401
