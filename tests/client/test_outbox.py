"""Words on the disk, and rows in order, without a site."""

import random
import re
from pathlib import Path

from chatsite_client.chain import __file__ as client_chain
from chatsite_client.feed import Cursor, Feed
from chatsite_client.outbox import Outbox

from rooms.chain import __file__ as site_chain


def rows(*numbers: int) -> list:
    return [{"seq": number, "hash": f"{number:04}"} for number in numbers]


def test_words_outlive_the_program_in_their_order(tmp_path: Path) -> None:
    with Outbox(tmp_path) as box:
        written = [box.add("room", f"words {number}") for number in range(30)]
        box.remove(written[3])
    with Outbox(tmp_path) as later:
        assert later.entries == written[:3] + written[4:]
        for entry in later.entries:
            later.remove(entry)
    with Outbox(tmp_path) as last:
        assert last.entries == []


def test_a_program_that_is_still_open_keeps_its_words(tmp_path: Path) -> None:
    with Outbox(tmp_path) as first:
        entry = first.add("room", "mine")
        with Outbox(tmp_path) as second:
            assert second.entries == []
        assert first.entries == [entry]


def test_what_was_refused_stays_refused_and_old_words_are_stale(tmp_path: Path) -> None:
    with Outbox(tmp_path) as box:
        box.refuse(box.add("room", "x"), "Too long.")
    with Outbox(tmp_path) as later:
        (entry,) = later.entries
        assert entry.refusal == "Too long."
        assert not later.retry(entry).refusal


def test_a_half_written_file_is_no_reason_to_lose_the_others(tmp_path: Path) -> None:
    with Outbox(tmp_path) as box:
        entry = box.add("room", "whole")
        (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
        (folder / f"{0:020}-half.json").write_text('{"client_id": "ha')
    with Outbox(tmp_path) as later:
        assert later.entries == [entry]


def test_rows_come_once_and_in_order_however_they_arrive() -> None:
    order = random.Random(7)
    for _ in range(50):
        arriving = rows(*range(1, 40)) * 2
        order.shuffle(arriving)
        feed = Feed(Cursor(0))
        taken = [row["seq"] for row in arriving for row in feed.apply([row])]
        assert taken == list(range(1, 40))
        assert feed.cursor == Cursor(39, "0039")


def test_a_gap_is_known_until_it_is_filled() -> None:
    feed = Feed(Cursor(1, "x"))
    assert not feed.apply(rows(3))
    assert feed.is_behind
    assert [row["seq"] for row in feed.apply(rows(2))] == [2, 3]
    assert not feed.is_behind


def test_neither_the_site_nor_the_client_needs_the_other() -> None:
    project = Path(site_chain).parent.parent
    site = [path for name in ("chatsite", "accounts", "rooms", "api") for path in (project / name).rglob("*.py")]
    client = list((project / "client" / "src").rglob("*.py"))
    assert site
    assert client
    theirs = re.compile(r"\bchatsite_(client|cli)\b")
    ours = re.compile(r"^\s*(from|import) (django|chatsite|accounts|rooms|api)\b", re.MULTILINE)
    assert not [path for path in site if theirs.search(path.read_text())]
    assert not [path for path in client if ours.search(path.read_text())]


def test_the_client_verifies_by_the_site_s_own_chain() -> None:
    """It is a copy, for the client is installed without the site."""
    assert Path(client_chain).read_bytes() == Path(site_chain).read_bytes()
