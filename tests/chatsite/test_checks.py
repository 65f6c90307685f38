"""Each unsafe or broken set-up gets one sentence that says what to set."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from chatsite import checks
from tests.servers import PROJECT, environment

KEY = "mW4kq0ZQnB8y1uVx6sT2rLh9dJ3fGc7aPeXoYiNv5wKzMbUtRpDgHjEq"


@pytest.fixture
def public(settings: Settings) -> Settings:
    settings.SITE_URL = "https://chat.example.org"
    settings.PRODUCTION = True
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    settings.SECRET_KEY_GIVEN = True
    return settings


def test_a_public_site_with_safe_settings_has_no_problem(public: Settings) -> None:
    assert checks.serious_problems() == []
    assert checks.key_is_given() == []
    assert checks.passwords_travel_encrypted() == []


def test_debug_on_a_public_site_is_refused(public: Settings) -> None:
    public.DEBUG = True
    assert any("unset DEBUG" in sentence for sentence in checks.serious_problems())


def test_debug_on_this_machine_alone_is_allowed(settings: Settings) -> None:
    settings.DEBUG = True
    assert checks.debug_is_off_in_public() == []


def test_any_host_is_refused(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    [problem] = checks.hosts_are_named()
    assert "ALLOWED_HOSTS" in problem.msg


def test_a_data_folder_that_cannot_be_written_is_refused(settings: Settings, tmp_path: Path) -> None:
    # Root may write into any folder, but into a file nobody can put another.
    settings.DATA = tmp_path / "file"
    settings.DATA.touch()
    [problem] = checks.data_folder_is_writable()
    assert str(settings.DATA) in problem.msg
    assert "CHATSITE_DATA" in problem.msg


def test_machines_that_share_a_database_need_the_same_key(public: Settings) -> None:
    public.SQLITE = False
    public.SECRET_KEY_GIVEN = False
    [problem] = checks.machines_share_their_key()
    assert "SECRET_KEY" in problem.msg
    assert problem.is_serious()


def test_a_key_beside_the_data_is_a_warning_before_deployment(public: Settings) -> None:
    public.SQLITE = True
    public.SECRET_KEY_GIVEN = False
    [problem] = checks.key_is_given()
    assert not problem.is_serious()
    assert checks.machines_share_their_key() == []


def test_an_address_without_encryption_is_a_warning_before_deployment(settings: Settings) -> None:
    settings.SITE_URL = "http://chat.example.org"
    [problem] = checks.passwords_travel_encrypted()
    assert "SITE_URL" in problem.msg


def test_an_address_of_this_machine_needs_no_encryption(settings: Settings) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert checks.passwords_travel_encrypted() == []


@pytest.mark.parametrize(
    ("sqlite", "redis", "named"),
    [(True, False, None), (True, True, "DATABASE_URL"), (False, False, "REDIS_URL"), (False, True, None)],
)
def test_several_processes_need_both_postgresql_and_redis(
    public: Settings, sqlite: bool, redis: bool, named: str | None
) -> None:
    public.SQLITE = sqlite
    public.REDIS_URL = ["redis://127.0.0.1:6379/0"] if redis else []
    problems = checks.processes_can_share()
    assert [named in problem.msg for problem in problems if named] == ([True] if named else [])
    assert bool(problems) == bool(named)


def test_the_deployment_check_is_clean_with_production_settings(tmp_path: Path) -> None:
    env = environment(tmp_path, SITE_URL="https://chat.example.org", SECRET_KEY=KEY)
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False)
    # Silent: that https binds neither other names nor the preload list, which is for the domain's owner to decide.
    assert (done.returncode, done.stdout.strip()) == (0, "System check identified no issues (2 silenced).")
    assert done.stderr == ""
