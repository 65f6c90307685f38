"""A setting that cannot be used ends the start with a sentence that names it: none passes for "off" or a default."""

import re
import runpy
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from chatsite import settings as read_at_the_start
from tests.servers import PROJECT, environment, free_port

pytestmark = pytest.mark.security

FLAGS = (
    "DEBUG",
    "GUESTS",
    "HSTS_INCLUDE_SUBDOMAINS",
    "HSTS_PRELOAD",
    "ONE_ROOM_AT_A_TIME",
    "RATE_LIMITS",
    "WEBSOCKETS",
)
SIZES = ("FILES_MAX_SIZE", "FILES_MAX_PER_PERSON", "FILES_MAX_TOTAL")
WRONG = {
    **dict.fromkeys(FLAGS, ("enabled", "onn", "2", "-1", "ja", "on off", "None")),
    **dict.fromkeys(SIZES, ("lots", "5 apples", "-1", "1e9", "1.5GB", "9" * 19, "9" * 5_000, "٣MB")),
    "ALLOWED_HOSTS": ("https://chat.example.org", "chat.example.org:443", "a b", "-a", "münchen.example"),
    "BACKUP_FOLDER": ("backups", "s3://bucket", "a\nb"),
    "DATABASE_POOL": ("many", "0", "1", "1001", "2.5", "1_0"),
    "DATABASE_URL": (
        "localhost", "chat.db", "//host/name", "mysql://host/name", "postgresql://host", "postgresql://host/",
        "postgresql://hunter:hunter2@host:port/name", "postgresql://host:99999/name", "postgresql://host/name?sslmod=require",
        "postgresql://host/a name", "sqlite://", "sqlite://chat.db", "postgresql://[::1/name",
    ),
    "EMAIL_URL": (
        "mail.example.org", "mail.example.org:587", "hunter:hunter2@mail.example.org", "https://mail.example.org",
        "smtp+tls://", "smtp://host:port", "smtp://a b",
    ),
    "FILES_ACCEL": ("protected", "/protected", "protected/", "/a b/", "https://a/"),
    "FILES_ALLOWED": ("*.txt", ".txt;.pdf", "a/b"),
    "FILES_REFUSED": ("*.exe", ".exe|.bat"),
    "FILES_STORAGE": (
        "s3://", "S3://bucket", "gs://bucket", "https://s3.example.org/bucket", "s3:bucket", "s3://bucket?secret=hunter2",
        "s3://bucket?endpoint=s3.example.org", "s3://a b",
    ),
    "LOG_FORMAT": ("xml", "json,text"),
    "LOG_LEVEL": ("LOUD", "3"),
    "MAIL_FROM": ("chat", "@example.org", "chat@", "a@b@c"),
    "METRICS_HOST": ("http://127.0.0.1", "127.0.0.1:9101", "a b"),
    "METRICS_PORT": ("metrics", "-1", "65536", "910%i"),
    "PORT": ("eighty", "0", "65536", "8_000", "٨٠٠٠", "8000 "[:4] + ".5"),
    "PRESENCE_LEASE": ("soon", "0", "-5", "nan", "inf", "1e3", "12s", "1,5"),
    "REDIS_URL": (
        "localhost:6379", "http://localhost", "redis://", "redis://host:port", "redis:///0", "unix://",
        "redis://good:6379,:hunter2@localhost",
    ),
    "SECRET_KEY": ("abcde", "hunter2", "x" * 80, "0123456789" * 4),
    "SESSION_COOKIE_AGE": ("week", "0", "59", "-1", "2w", "9" * 30),
    "SESSION_MAX_AGE": ("quarter", "0", "59", "-1", "90d", "9" * 30),
    "SITE_NAME": ("a\nb", "x" * 61, "bell\a"),
    "SITE_URL": (
        "chat.example.org", "ftp://chat.example.org", "https://", "//chat.example.org", "https://chat.example.org/chat",
        "https://chat.example.org/?a=b", "https://chat.example.org#a", "https://chat example.org", "https://u@host",
        "https://host:port", "https://münchen.example", "https:chat.example.org", "https//chat.example.org",
    ),
    "TRUSTED_PROXIES": ("nginx", "-1", "11", "1.0"),
}  # fmt: skip


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in WRONG:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////tmp/chat.db")
    return monkeypatch


def read(env: Mapping[str, str], patch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, value in env.items():
        patch.setenv(name, value)
    return runpy.run_path(str(PROJECT / "chatsite" / "settings.py"))


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused_by_its_name(name: str, value: str, unset: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"\A{name} [^\n]+ takes [^\n]+\Z") as refused:
        read({name: value}, unset)
    # A password, in an address, which no log may hold.
    assert "hunter" not in str(refused.value)
    assert len(str(refused.value)) < 500


def test_all_that_is_wrong_is_told_at_once(unset: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        read({name: values[0] for name, values in WRONG.items()}, unset)
    assert {line.split()[0] for line in str(refused.value).splitlines()} == set(WRONG)


@pytest.mark.parametrize(
    ("name", "value", "setting", "meant"),
    [
        ("RATE_LIMITS", "OFF", "RATE_LIMITS", False),
        ("GUESTS", "Yes", "GUESTS", True),
        ("SITE_URL", "HTTPS://Chat.Example.org/", "SITE_URL", "https://chat.example.org"),
        ("SITE_URL", "http://[::1]:8000", "SITE_URL", "http://[::1]:8000"),
        ("ALLOWED_HOSTS", " .Example.org , [::1] ", "ALLOWED_HOSTS", [".example.org", "[::1]"]),
        ("PORT", "", "PORT", 8000),
        ("LOG_LEVEL", "info", "LOG_LEVEL", "INFO"),
        ("FILES_MAX_TOTAL", "0", "FILES_MAX_TOTAL", 0),
        ("FILES_MAX_SIZE", "1GiB", "FILES_MAX_SIZE", 1024**3),
        ("METRICS_HOST", "::1", "METRICS_HOST", "::1"),
        ("MAIL_FROM", "Chat <chat@example.org>", "DEFAULT_FROM_EMAIL", "Chat <chat@example.org>"),
        ("PRESENCE_LEASE", "2.5", "PRESENCE_LEASE", 2.5),
    ],
)
def test_what_can_be_meant_is_taken(
    name: str, value: str, setting: str, meant: object, unset: pytest.MonkeyPatch
) -> None:
    assert read({name: value}, unset)[setting] == meant


@pytest.mark.parametrize(
    "command",
    [
        ["manage.py", "migrate"],
        ["manage.py", "doctor"],
        ["-m", "chatsite.serve", "-p", "0", "chatsite.asgi:application"],
        ["-m", "chatsite.embedded"],
    ],
)
def test_a_start_with_wrong_settings_is_ended_by_sentences(command: list[str], tmp_path: Path) -> None:
    env = environment(tmp_path, RATE_LIMITS="enabled", EMAIL_URL="mail.example.org", PORT=str(free_port()))
    done = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["EMAIL_URL", "RATE_LIMITS"]
    # Nothing was made before it was refused.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("RATE_LIMIT", "RATE_LIMITS"), ("SITEURL", "SITE_URL"), ("site_url", "SITE_URL"), ("SECRETKEY", "SECRET_KEY")],
)
def test_a_name_that_looks_like_a_setting_is_told(slip: str, meant: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=PROJECT, env=environment(tmp_path, **{slip: "off"}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"{slip} is set, which is no setting of the site: {meant} may be meant." in done.stderr


def test_other_programs_have_settings_of_their_own() -> None:
    theirs = ["REDIS_PORT", "DATABASE_HOST", "HOST", "PATH", "LOGNAME", "MAIL", "DEBUGINFOD_URLS", "SITE", "KEY"]
    assert read_at_the_start.ENVIRONMENT.slips_in(theirs) == {}


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({}, "max-age=31536000"),
        ({"HSTS_INCLUDE_SUBDOMAINS": "on"}, "max-age=31536000; includeSubDomains"),
        ({"HSTS_INCLUDE_SUBDOMAINS": "on", "HSTS_PRELOAD": "on"}, "max-age=31536000; includeSubDomains; preload"),
    ],
)
def test_https_binds_other_names_and_later_years_only_if_asked_to(
    given: dict[str, str], header: str, unset: pytest.MonkeyPatch, client: Client, settings: Settings
) -> None:
    found = read({"SITE_URL": "https://chat.example.org", **given}, unset)
    for name in ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"):
        setattr(settings, name, found[name])
    assert client.get("/healthz", secure=True).headers["Strict-Transport-Security"] == header


def test_the_documents_name_each_setting_and_no_other() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", (PROJECT / "docs" / "settings.md").read_text(), re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(named) == len(set(named))
    assert set(named) == read_at_the_start.ENVIRONMENT.names


def test_each_setting_is_in_the_table_above() -> None:
    assert set(WRONG) | {"CHATSITE_DATA"} == read_at_the_start.ENVIRONMENT.names


@pytest.mark.parametrize(
    "public", [{"SITE_URL": "https://chat.example.org"}, {"REDIS_URL": "redis://127.0.0.1:6379/0"}]
)
def test_a_public_site_takes_no_file_that_nobody_has_named(public: dict[str, str], tmp_path: Path) -> None:
    for command in (["migrate"], ["verify_transcripts"], ["backup", str(tmp_path / "backup")], ["check"]):
        env = environment(tmp_path, SECRET_KEY="a key of this test " * 3, **public)
        del env["DATABASE_URL"]
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=PROJECT, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert "DATABASE_URL is not set" in done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "chat.db").exists()
