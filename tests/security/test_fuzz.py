"""That a short run of the fuzzer finds nothing, and that what it finds has a name and a curl."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests import servers
from tests.security.fuzz.__main__ import fuzz
from tests.security.fuzz.cast import Cast, gather

pytestmark = pytest.mark.security

# Two requests of each operation.
SHORT = ("--seed", "1", "--phases", "fuzzing", "--max-examples", "2")


@pytest.fixture(scope="module")
def open_site() -> Iterator[servers.Site]:
    with servers.site(env={"RATE_LIMITS": "false"}) as site:
        yield site


@pytest.fixture(scope="module")
def cast(open_site: servers.Site) -> Cast:
    return gather(open_site.url)


def test_a_short_run_finds_nothing(open_site: servers.Site, cast: Cast, capfd: pytest.CaptureFixture[str]) -> None:
    assert fuzz(open_site, cast, "member", *SHORT) == [], capfd.readouterr().out


def test_what_is_found_is_told_with_a_curl(
    open_site: servers.Site, cast: Cast, capfd: pytest.CaptureFixture[str]
) -> None:
    # So soon no answer comes.
    too_soon = ("--max-response-time", "0.000001", "--include-operation-id", "getMe")
    assert fuzz(open_site, cast, "member", *SHORT, *too_soon) == ["what is told above"]
    assert "curl -X GET" in capfd.readouterr().out


def test_who_is_not_let_in_has_tried_nothing(open_site: servers.Site, cast: Cast) -> None:
    nobody = replace(cast, tokens={"member": "none"})
    found = fuzz(open_site, nobody, "member", *SHORT, "--include-operation-id", "getMe")
    assert found == ["hardly any operation succeeded"]
