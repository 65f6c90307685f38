"""The API's document, read by the tools that make clients of it: each takes it, and one client is used.

The tools come from their registries as they are asked for, at the versions named here; without a registry, or Java, the
tests are skipped.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rooms.api import api
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
JAVA_GENERATOR = "openapi-generator-cli==7.26.0"
TALK = Path(__file__).parent / "generated_client.py"
# Seconds until a registry that does not answer is one that is not there.
PATIENCE = 300


def run(*command: str, cwd: Path, **environment: str) -> str:
    """Return what it says; skip where the tool cannot be had."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
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


def have(*command: str, cwd: Path) -> None:
    """Skip where a registry does not give the tool."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    try:
        asked = subprocess.run(command, cwd=cwd, timeout=PATIENCE, check=False, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the registry of {' '.join(command)} does not answer")
    if asked.returncode:
        pytest.skip(f"{' '.join(command)}: {asked.stderr[-200:]}")


def npx(*command: str, cwd: Path, packages: tuple[str, ...], **environment: str) -> str:
    named = [f"--package={package}" for package in packages]
    have("npx", "--yes", *named, "--", "node", "--version", cwd=cwd)
    return run("npx", "--yes", *named, "--", *command, cwd=cwd, **environment)


def uv_tool(package: str, *command: str, cwd: Path) -> str:
    uv = str(Path(sys.executable).parent / "uv")
    have(uv, "tool", "run", "--from", package, "python", "--version", cwd=cwd)
    return run(uv, "tool", "run", "--from", package, *command, cwd=cwd)


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
    if shutil.which("java") is None:
        pytest.skip("java is not installed")
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
    uv = str(Path(sys.executable).parent / "uv")
    needs = [word for need in CLIENT_NEEDS for word in ("--with", need)]
    said = run(uv, "run", "--no-project", *needs, "python", str(TALK), site.url, cwd=folder, PYTHONPATH=str(folder))
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
