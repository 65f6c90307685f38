"""docs/deploy.md without a server to deploy to: each of its commands belongs to a trial, and a shell can read it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from chatsite.settings import ENVIRONMENT
from tests import servers
from tests.deploy import blocks, containers, docs

SCRIPTS = sorted((servers.PROJECT / "tests" / "deploy").rglob("*.sh"))
PAGE = blocks.PAGE.read_text()


def test_each_block_of_commands_is_followed_by_a_trial_or_marked_as_an_example() -> None:
    found = blocks.blocks()
    # No fence is left over, and no block is one by its indentation alone, which none would find.
    assert PAGE.count("```") == 2 * len(found)
    outside = blocks.FENCE.sub("", PAGE)
    assert re.findall(r"^ {4,}\S.*", outside, re.MULTILINE) == []
    assert {block.language for block in found} == {"sh", "yaml", "ini"}
    assert {block.trial for block in found if block.language == "sh"} == set(blocks.TRIALS)
    assert {block.trial for block in found if block.language != "sh"} == {""}


def test_the_trials_have_every_command_in_the_order_of_the_page() -> None:
    # Each raises where what it looks at between the commands is not on the page.
    for script, wanted in (
        (docs.script(), [*blocks.commands(), *blocks.commands("caddy")]),
        (containers.script(), blocks.commands("containers")),
    ):
        places = [script.index(f"\n{block.text}\n") for block in wanted]
        assert places == sorted(places)
        assert len(set(places)) == len(wanted)
    [install] = blocks.commands("install")
    assert blocks.count(install) == 1


@pytest.mark.parametrize("trial", [trial for trial in blocks.TRIALS if trial != "example"])
def test_a_shell_can_read_the_commands(trial: str) -> None:
    # `host` stands in the first block; Caddy's comes after those of the whole page.
    text = "".join(block.text for block in [*blocks.commands(), *(blocks.commands(trial) if trial else [])])
    command = [servers.need("shellcheck"), "--shell=bash", "-"]
    done = subprocess.run(command, input=f"set -e\n{text}", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("script", [*SCRIPTS, servers.PROJECT / "bin" / "install"], ids=lambda path: path.name)
def test_a_shell_can_read_the_script(script: Path) -> None:
    done = subprocess.run(
        [servers.need("shellcheck"), "-x", script], cwd=servers.PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_shell_can_read_what_the_trials_put_together() -> None:
    bash = shutil.which("bash")
    assert bash
    for script in (docs.script(), containers.script()):
        done = subprocess.run([bash, "-n"], input=script, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_settings_on_the_page_are_those_of_the_example_and_the_site() -> None:
    def names(text: str) -> list[str]:
        return re.findall(r"^([A-Z_]+)='", text, re.MULTILINE)

    [written] = [block.text for block in blocks.commands() if "/etc/chatsite/environment" in block.text]
    example = (servers.PROJECT / "deploy" / "environment.example").read_text()
    assert [name for name in names(written) if name != "FILES_ACCEL"] == names(example)
    [compose] = [block.text for block in blocks.blocks() if block.language == "ini"]
    assert set(names(written)) | set(names(compose)) - {"POSTGRES_PASSWORD"} <= ENVIRONMENT.names
    assert names(compose) == names(containers.SETTINGS)
    [jobs] = [block.text for block in blocks.blocks() if block.language == "yaml"]
    assert yaml.safe_load(jobs)["scrape_configs"]


def test_what_is_installed_by_hand_is_what_the_command_installs() -> None:
    [by_hand] = [block.text for block in blocks.commands() if "apt-get install" in block.text]
    packages = set(by_hand.partition("install -y ")[2].split())
    installed = re.search(r"for package in (.*); do", (servers.PROJECT / "bin" / "install").read_text())
    assert installed
    assert packages == set(installed[1].split())
