"""What a stranger can have written to the log: a line a minute for each kind of refusal, however often they ask."""

import http.client
import json
import logging
import re
import urllib.request

import pytest

from chatsite.ops import logs
from tests import servers

pytestmark = pytest.mark.security

ATTEMPTS = 200
PAGE = "/accounts/login/"


def ask(site: servers.Site, method: str, host: str, path: str = PAGE) -> int:
    connection = http.client.HTTPConnection(servers.HOST, site.port, timeout=30)
    try:
        headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, "login=alice&password=x", headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_flood_of_refusals_is_a_line_for_each_kind(form: str) -> None:
    port = servers.free_port()
    with servers.site(env={"LOG_FORMAT": form, "METRICS_PORT": str(port)}) as site:
        for _ in range(ATTEMPTS):
            assert ask(site, "GET", "evil.example") == 400
            assert ask(site, "POST", f"{servers.HOST}:{site.port}") == 403
        assert ask(site, "GET", "x" * 8_000) == 400
        said = site.log()
        with urllib.request.urlopen(f"http://{servers.HOST}:{port}/metrics") as response:
            told = response.read().decode()
    numbers = dict(re.findall(r'^chatsite_refused_total{kind="(\w+)"} (\S+)$', told, re.MULTILINE))
    assert "Traceback" not in said
    lines = said.splitlines()
    assert len(lines) == 2
    assert all(len(line) < 500 for line in lines)
    assert "evil.example" in lines[0]
    if form == "json":
        assert {json.loads(line)["level"] for line in lines} == {"WARNING"}
    assert numbers == {"DisallowedHost": f"{ATTEMPTS + 1}.0", "csrf": f"{ATTEMPTS}.0"}


def refusal(kind: str, words: str = "no") -> logging.LogRecord:
    try:
        raise ValueError(words)
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
        return logging.LogRecord(f"django.security.{kind}", logging.ERROR, "", 1, words, (), info)


def test_the_next_line_of_a_kind_tells_how_many_were_left_out() -> None:
    now = [100.0]
    refusals = logs.Refusals(lambda: now[0])
    let_through = [refusals.filter(refusal("csrf")) for _ in range(50)]
    assert let_through == [True, *[False] * 49]
    # Another kind has a line of its own.
    assert refusals.filter(refusal("DisallowedHost"))
    now[0] += logs.REFUSED_EVERY
    line = refusal("csrf")
    assert refusals.filter(line)
    assert line.getMessage() == "Refused: no (49 more since the last line of this kind)"
    assert (line.levelname, line.exc_info) == ("WARNING", None)


def test_what_is_no_refusal_is_told_each_time() -> None:
    refusals = logs.Refusals()
    mistake = logging.LogRecord("django.request", logging.ERROR, "", 1, "A mistake", (), None)
    assert all(refusals.filter(mistake) for _ in range(5))


def test_a_long_name_is_cut() -> None:
    line = refusal("DisallowedHost", "x" * 20_000)
    assert logs.Refusals().filter(line)
    assert len(line.getMessage()) < 250
