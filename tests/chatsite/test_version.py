"""The version stands in one place, and is told to who runs the site."""

import re
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chatsite.version import VERSION
from tests.servers import PROJECT


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_command_line_says_it_without_any_setting(word: str) -> None:
    said = subprocess.check_output([sys.executable, "manage.py", word], cwd=PROJECT, env={}, text=True)
    assert re.fullmatch(rf"Chatsite {re.escape(VERSION)} on Django 5\.\S+ and Python 3\.\S+\n", said)


def test_site_admins_see_it_and_visitors_do_not(client: Client, dana: User) -> None:
    assert VERSION not in client.get("/").content.decode()
    client.force_login(dana)
    assert f"Chatsite {VERSION}" in client.get(reverse("admin:index")).content.decode()


def test_the_changelog_has_a_part_for_it_and_one_for_what_comes() -> None:
    parts = re.findall(r"^## \[(.+?)\]", (PROJECT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert parts[:2] == ["Unreleased", VERSION]


def test_no_other_file_says_it() -> None:
    assert re.search(r'^version = "\d+\.\d+\.\d+"$', (PROJECT / "pyproject.toml").read_text(), re.MULTILINE)
    assert "version" not in (PROJECT / "package.json").read_text()
