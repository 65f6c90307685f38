"""A long talk weighs no more than a short one: on the line, in the document, and while it goes on quickly."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.long_talk import LongTalk, long_talk_of
from tests.browser.rooms import READY
from tests.browser.scrolling import (
    DRAWN,
    MOST_DRAWN,
    ROWS_ABOVE_ALL,
    ROWS_BELOW_ALL,
    jumps_of,
    scroll_until,
    watch_rows,
)

# One site for all of these: filling it takes seconds.
pytestmark = pytest.mark.xdist_group("long talk")

MESSAGES = 10_000
MOST_BYTES = 150_000
MOST_BYTES_OF_A_SCRIPT = 60_000
# What a slow line brings in a third of a second; docs/page.md says what it is now.
MOST_BYTES_BEFORE_IT_IS_USABLE = 64_000


@pytest.fixture(scope="module")
def long_talk() -> Iterator[LongTalk]:
    with long_talk_of(MESSAGES, rooms=20) as talk:
        yield talk


@pytest.fixture
def site(long_talk: LongTalk) -> servers.Site:
    """In the place of a fresh one: new people are led to this site."""
    return long_talk.site


def page_of(new_person: NewPerson, talk: LongTalk, name: str = "alice") -> Page:
    person = new_person(name, sign_up=False)
    person.come_in(talk.sessions[name])
    return person.page


def come_in(page: Page, talk: LongTalk) -> None:
    page.goto(talk.site.url + talk.path)
    page.wait_for_selector(READY)
    page.wait_for_function(f"() => ({DRAWN})() >= 100")


def test_the_first_visit_fits_into_150_kilobytes_and_brings_the_transcript_along(
    new_person: NewPerson, long_talk: LongTalk
) -> None:
    page = page_of(new_person, long_talk)
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    kinds: dict[str, tuple[str, str]] = {}
    weights: dict[str, int] = {}

    def begun(event: dict[str, Any]) -> None:
        kinds[event["requestId"]] = (event["type"], event["response"]["url"])

    wire.on("Network.responseReceived", begun)
    wire.on("Network.loadingFinished", lambda event: weights.update({event["requestId"]: event["encodedDataLength"]}))
    come_in(page, long_talk)
    page.wait_for_load_state("networkidle")
    weighed = [(*kinds[request], weight) for request, weight in weights.items() if weight]
    assert sum(weight for *_, weight in weighed) < MOST_BYTES, weighed
    assert max(weight for kind, _, weight in weighed if kind == "Script") < MOST_BYTES_OF_A_SCRIPT, weighed
    assert [url for kind, url, _ in weighed if kind in {"XHR", "Fetch"}] == []
    # The page, four style sheets, two scripts, the icon.
    assert len(weighed) <= 8, weighed
    needed = [weight for _, url, weight in weighed if "/transcript/markdown." not in url]
    assert len(needed) == len(weighed) - 1
    assert sum(needed) < MOST_BYTES_BEFORE_IT_IS_USABLE, weighed


def late(route: Route) -> None:
    time.sleep(0.3)
    route.continue_()


def test_the_first_paint_shows_the_newest_rows_whenever_the_script_comes(
    new_person: NewPerson, long_talk: LongTalk
) -> None:
    page = page_of(new_person, long_talk)
    page.add_init_script("""
        new MutationObserver((_, observer) => {
            if (!document.querySelector("#transcript .log .entry")) return;
            observer.disconnect();
            window.drawn = performance.now();
        }).observe(document, { childList: true, subtree: true });
    """)
    page.route("**/js/room/main.*", late)
    come_in(page, long_talk)
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    painted = page.evaluate("() => performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted > page.evaluate("() => window.drawn")
    assert page.locator("#transcript .log .entry").last.is_visible()


def test_the_second_visit_asks_for_the_page_alone(new_person: NewPerson, long_talk: LongTalk) -> None:
    page = page_of(new_person, long_talk)
    come_in(page, long_talk)
    page.wait_for_load_state("networkidle")
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    weights: list[int] = []
    wire.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    come_in(page, long_talk)
    page.wait_for_load_state("networkidle")
    assert len([weight for weight in weights if weight]) == 1


def test_a_scroll_through_ten_thousand_messages_and_back_keeps_the_document_small(
    new_person: NewPerson, long_talk: LongTalk
) -> None:
    page = page_of(new_person, long_talk)
    come_in(page, long_talk)
    newest = page.evaluate(ROWS_BELOW_ALL)
    watch_rows(page)
    scroll_until(page, "0", f"({ROWS_ABOVE_ALL})() === 1")
    assert page.locator(".history-beginning").is_visible()
    assert page.evaluate(ROWS_BELOW_ALL) <= MOST_DRAWN
    scroll_until(page, "view.scrollHeight", f"({ROWS_BELOW_ALL})() === {newest}")
    assert page.evaluate("() => window.gaps") == 0
    assert page.evaluate("() => window.most") <= MOST_DRAWN
    assert page.locator("[data-target=newestButton]").is_hidden()


def test_what_one_reads_stays_in_its_place_while_rows_above_and_below_come_and_go(
    new_person: NewPerson, long_talk: LongTalk
) -> None:
    page = page_of(new_person, long_talk)
    come_in(page, long_talk)
    scroll_until(page, "0", f"({ROWS_BELOW_ALL})() < {MESSAGES - 1000}")
    assert jumps_of(page) == []


def test_words_that_come_quickly_are_drawn_once_a_frame_and_the_document_stays_small(
    new_person: NewPerson, long_talk: LongTalk
) -> None:
    alice, bob = page_of(new_person, long_talk), page_of(new_person, long_talk, "bob")
    come_in(alice, long_talk)
    come_in(bob, long_talk)
    begun = alice.evaluate(ROWS_BELOW_ALL)
    alice.evaluate(f"""() => {{
        Object.assign(window, {{ most: 0, frames: 0, batches: 0 }});
        const count = () => {{ window.frames += 1; requestAnimationFrame(count); }};
        count();
        new MutationObserver(() => {{
            window.batches += 1;
            window.most = Math.max(window.most, ({DRAWN})());
        }}).observe(document.querySelector("#transcript .log"), {{ childList: true }});
    }}""")
    bob.evaluate(
        """async (count) => {
        const { room } = JSON.parse(document.getElementById("room-data").textContent);
        const token = document.cookie.match(/csrftoken=(\\w+)/)?.[1] ?? "";
        const post = (number) => fetch(`/api/rooms/${room.id}/messages`, {
            method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token },
            body: JSON.stringify({ client_id: `burst-${number}`, body: `Quick words, number ${number}` }),
        });
        for (let number = 0; number < count; number += 20) {
            await Promise.all(Array.from({ length: 20 }, (_, more) => post(number + more)));
        }
    }""",
        700,
    )
    alice.wait_for_function(f"(seq) => ({ROWS_BELOW_ALL})() >= seq", arg=begun + 700)
    assert alice.evaluate("() => window.most") <= MOST_DRAWN
    assert alice.evaluate("() => window.batches") <= alice.evaluate("() => window.frames")
