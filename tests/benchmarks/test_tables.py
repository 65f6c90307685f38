from pathlib import Path
from xml.etree import ElementTree

from benchmarks import plot, publish
from benchmarks.peers import BEFORE
from benchmarks.results import PUBLISHED, Results, Spread
from benchmarks.run import chosen_by, contenders_of
from benchmarks.scenarios import SCENARIOS


def row(per_second: float) -> dict[str, float]:
    return {"per_second": per_second, "cpu_ms_per_1000": 2.25, "p50_ms": 4.0, "p99_ms": 2_000.0}


def results() -> Results:
    found = Results(machine={"cpu": "2 × a core", "system": "Linux 6", "python": "3.11"}, at="2026-11-21")
    for n in (100, 500, 1000):
        found.scenarios[f"fan-out-{n}"] = {
            "Chatsite": [row(300_000), row(100_000), row(200_000)],
            "tutorial": [row(5_000)],
        }
    return found


def test_rounds_are_told_by_their_median_with_the_least_and_the_most() -> None:
    assert results().spread("fan-out-100", "Chatsite", "per_second") == Spread(200_000, 100_000, 300_000)
    assert results().spread("fan-out-100", "nobody", "per_second") is None


def test_what_stands_between_the_marks_is_made_from_the_results() -> None:
    page = "Before\n<!-- fan-out -->\nold\n<!-- end -->\nAfter\n"
    filled = publish.filled(page, results())
    assert filled.startswith("Before\n<!-- fan-out -->\n| ")
    assert filled.endswith("<!-- end -->\nAfter\n")
    assert "| Chatsite | 100 | 200,000 (100,000–300,000) | 2.2 | 4.0 / over 2,000 |" in filled
    assert "old" not in filled
    assert publish.filled(filled, results()) == filled


def test_results_are_kept_whole(tmp_path: Path) -> None:
    results().save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == results()


def test_a_picture_names_everybody_who_was_measured_everywhere(tmp_path: Path) -> None:
    found = results()
    found.scenarios["fan-out-100"]["only at a hundred"] = [row(1_000)]
    for n in (1, 16, 64):
        found.scenarios[f"posts-{n}"] = {"Chatsite": [{"posts_per_second": 400.0 * n}]}
    plot.draw_all(found, tmp_path)
    words = [text.text for text in ElementTree.parse(tmp_path / "fan-out.svg").iter() if text.tag.endswith("text")]
    assert {"Chatsite", "tutorial", "100,000"} <= set(words)
    assert "only at a hundred" not in words


def test_a_busy_machine_is_not_kept_quiet_about() -> None:
    page, found = "<!-- machine -->\n<!-- end -->", results()
    assert "busy" not in publish.filled(page, found)
    found.load_before = 7.0
    assert "busy with other things** (load average 7)" in publish.filled(page, found)


def test_the_page_says_what_was_measured() -> None:
    page = publish.PAGES[0].read_text()
    assert publish.filled(page, Results.load(PUBLISHED), publish.MEASURED) == page


def test_a_scenario_is_chosen_by_its_name_or_by_how_several_begin() -> None:
    assert chosen_by(["posts"]) == ["posts-1", "posts-16", "posts-64"]
    assert chosen_by(["history", "fan-out-500"]) == ["fan-out-500", "history"]
    assert chosen_by([]) == list(SCENARIOS)
    assert chosen_by(["nothing"]) == []


def test_the_site_of_an_earlier_commit_takes_its_turns_behind_todays() -> None:
    talk = SCENARIOS["posts-1"]
    assert contenders_of(talk, only="", before="HEAD")[:2] == ["Chatsite", BEFORE]
    assert BEFORE not in contenders_of(talk, only="", before="")
