"""Who follows docs/deploy.md, or less, is not told that all is well with a database that is not the site's."""

import json
import os
import pwd
import re
import shlex
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from chatsite import startup
from tests import servers
from tests.deploy import blocks

pytestmark = pytest.mark.security

SIGN_UP = "from accounts.models import User; User.objects.create_user('alice')"
ME = pwd.getpwuid(os.geteuid()).pw_name


def documented(section: str) -> list[str]:
    """Return the site's own commands that the section of docs/deploy.md has in its blocks."""
    text = "".join(block.text for block in blocks.commands(section=section))
    return re.findall(r"^(bin/chatsite .*?)(?: +#.*)?$", text, re.MULTILINE)


def follow(command: str, environment: Path, **outside: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the documents as a shell would, with the file in the place of /etc/chatsite/environment."""
    env = {**os.environ, "CHATSITE_ENVIRONMENT": str(environment), "CHATSITE_USER": ME, **outside}
    return subprocess.run(
        command, shell=True, cwd=servers.PROJECT, env=env, capture_output=True, text=True, check=False
    )


def filled_in(folder: Path, **settings: str) -> Path:
    """Copy the example and give it these values, as an operator would."""
    text = (servers.PROJECT / "deploy" / "environment.example").read_text()
    for name in ("data", "backups"):
        (folder / name).mkdir()
    settings |= {"BACKUP_FOLDER": str(folder / "backups")}
    settings |= {"SECRET_KEY": "of an operator " * 4, "CHATSITE_DATA": str(folder / "data"), "EMAIL_URL": ""}
    for name, value in settings.items():
        text, count = re.subn(f"^{name}='.*'$", f"{name}='{value}'", text, flags=re.MULTILINE)
        assert count == 1, f"{name} is not in the example, in quotes."
    path = folder / "environment"
    path.write_text(text)
    return path


def test_the_documented_commands_work_on_the_database_in_the_file(tmp_path: Path) -> None:
    with servers.postgres() as postgres, servers.redis() as redis:
        with psycopg.connect(postgres.url, autocommit=True) as asked:
            asked.execute("CREATE DATABASE fresh")
        url = f"{postgres.url.rpartition('/')[0]}/fresh"
        file = filled_in(tmp_path, DATABASE_URL=f"{url}?sslmode=prefer&application_name=site", REDIS_URL=redis.url)
        commands = documented("By hand")
        assert [shlex.split(line)[1] for line in commands] == [
            "check", "migrate", "createcachetable", "collectstatic", "first_admin_link", "doctor",
        ]  # fmt: skip
        for command in commands:
            # What the operator's shell says of settings is not what the site has.
            done = follow(command, file, DATABASE_URL="sqlite:////nowhere/chat.db", RATE_LIMITS="enabled")
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        assert "Nobody has ever signed up, as the database fresh has it" in done.stdout
        with psycopg.connect(url) as asked:
            assert asked.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
        assert not list((tmp_path / "data").glob("*.db"))
        done = follow("bin/chatsite verify_transcripts", file)
        assert (done.returncode, done.stdout) == (0, "There are no rooms, so nothing was verified.\n")
        done = follow(f"bin/chatsite backup {tmp_path}/backup", file)
        assert (done.returncode, "There is nobody in PostgreSQL fresh" in done.stderr) == (1, True)
        assert not (tmp_path / "backup").exists()
        follow(f'bin/chatsite shell --no-imports -c "{SIGN_UP}"', file)
        commands = documented("Backups")
        assert [shlex.split(line)[1] for line in commands] == [
            "backup", "backup", "check_backup", "restore", "verify_transcripts",
        ]  # fmt: skip
        for command in commands:
            done = follow(command.replace("/var/backups/chatsite", f"{tmp_path}/backups"), file)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        # As the timer has it.
        unit = (servers.PROJECT / "deploy" / "systemd" / "chatsite-backup.service").read_text()
        assert commands[0].replace("bin/chatsite", "manage.py") in unit


@pytest.mark.parametrize("command", ["migrate", "createcachetable", "verify_transcripts", "doctor"])
def test_a_shell_that_loses_the_database_at_an_ampersand_gets_no_other(command: str, tmp_path: Path) -> None:
    # As the documents once had it, and without the quotes.
    (tmp_path / "environment").write_text(
        f"SITE_URL=https://chat.example.org\nSECRET_KEY={'random-' * 10}\nCHATSITE_DATA={tmp_path}\n"
        "DATABASE_URL=postgresql://chatsite:hunter2@127.0.0.1/chatsite?sslmode=verify-full&sslrootcert=/etc/ca.pem\n"
    )
    line = f"set -a; . {tmp_path}/environment; set +a; {sys.executable} manage.py {command}"
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(line, shell=True, cwd=servers.PROJECT, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith("DATABASE_URL is not set")) == (1, True)
    assert not (tmp_path / "chat.db").exists()
    # And bin/chatsite reads that file for what it says.
    code = "import os; print(os.environ['DATABASE_URL'])"
    done = follow(f'bin/chatsite shell --no-imports -c "{code}"', tmp_path / "environment")
    assert done.stdout.strip().endswith("?sslmode=verify-full&sslrootcert=/etc/ca.pem")


def test_a_command_without_any_setting_makes_no_second_site(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text(f"CHATSITE_DATA={tmp_path}\n")
    outside = {name: value for name, value in os.environ.items() if name not in startup.OF_A_SITE}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"], cwd=servers.PROJECT, capture_output=True, text=True, check=False,
        env=outside | {"CHATSITE_ENVIRONMENT": str(tmp_path / "environment")},
    )  # fmt: skip
    assert (done.returncode, "bin/chatsite migrate runs the command with them" in done.stderr) == (1, True)
    assert follow("bin/chatsite migrate", tmp_path / "environment").returncode == 0


@pytest.mark.parametrize(
    ("text", "outside", "sentence"),
    [
        (None, {}, "copy deploy/environment.example there"),
        ("export SITE_URL=https://a\n", {}, "systemd leaves it out"),
        ("SITEURL='https://a'\n", {}, "SITEURL (SITE_URL may be meant)"),
        ("RATE_LIMITS='enabled'\n", {}, "RATE_LIMITS is “enabled”"),
        ("", {"CHATSITE_USER": "nobody-of-that-name"}, "There is no user nobody-of-that-name"),
    ],
)
def test_a_file_that_cannot_be_meant_is_a_sentence(
    text: str | None, outside: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "environment").write_text(f"CHATSITE_DATA={tmp_path}\n{text}")
    done = follow("bin/chatsite check", tmp_path / "environment", **outside)
    [said] = done.stderr.splitlines()
    assert (done.returncode, sentence in said) == (1, True)


def test_root_becomes_the_user_of_the_site_for_good_and_others_may_not() -> None:
    if os.geteuid() != 0 or not Path("/usr/bin/python3").exists():
        pytest.skip("Only root can become somebody else.")
    # Not with the Python of the tests, which may lie where nobody else reads.
    code = (
        "import json, os; from chatsite import command; command.become('nobody')\n"
        "try: os.setuid(0)\nexcept PermissionError: print(json.dumps([os.getresuid(), 0 in os.getgroups()]))\n"
        "try: command.become('root')\nexcept command.CannotRunError as problem: print(problem)"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-c", code], cwd=servers.PROJECT, capture_output=True, text=True, check=True
    )
    rights, refusal = done.stdout.splitlines()
    nobody = pwd.getpwnam("nobody").pw_uid
    assert json.loads(rights) == [[nobody, nobody, nobody], False]
    assert refusal.startswith("This runs as root")
