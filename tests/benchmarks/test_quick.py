from collections.abc import Iterator

import pytest

from benchmarks import quick
from benchmarks.quick import Check
from benchmarks.stage import Stage


def test_a_check_holds_up_to_its_bound() -> None:
    assert Check("bytes", 650, 650).holds
    assert not Check("bytes", 651, 650).holds
    assert Check("ratio", 20, 20, at_least=True).holds
    assert not Check("ratio", 19, 20, at_least=True).holds


def test_what_could_not_be_measured_does_not_hold() -> None:
    assert not Check("bytes", quick.figure({}, "bytes"), 650).holds
    assert not Check("ratio", quick.figure({}, "ratio"), 20, at_least=True).holds


def test_what_fails_is_measured_once_more() -> None:
    figures = iter([3.0, 1.0])

    def measure(stage: Stage) -> Iterator[Check]:
        yield Check("ratio", next(figures), 2)

    assert [check.figure for check in quick.measured_twice_if_needed(measure, Stage())] == [1.0]


@pytest.mark.parametrize(("no_skips", "status"), [("", 0), ("1", 1)])
def test_without_a_compiler_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_skips: str, status: int
) -> None:
    monkeypatch.setenv("CHATSITE_NO_SKIPS", no_skips)
    monkeypatch.setattr("tests.servers.find", lambda name: None)
    assert quick.main() == status
    assert "There is no cc" in capsys.readouterr().out
