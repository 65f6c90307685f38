"""No text from outside costs much CPU or breaks anything, however long it is and wherever it comes in.

Nothing here lists doors or fields: addresses stand in Django's table, and what one reads is noted while it reads.
"""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.contrib import admin

from chatsite.http.middleware import ADDRESS_MAX
from tests.conftest import PASSWORD
from tests.security.cast import Scene, fill, set_scene
from tests.security.cells import admin_doors, one_thread
from tests.security.doors import Door, api_doors, documented, documented_body, page_doors
from tests.security.metered import Answer, Read, Sent, ask, noted
from tests.security.table import BODIES

# The fixture, too, without which posts would be stored in another transaction.
__all__ = ["one_thread"]

pytestmark = [pytest.mark.security, pytest.mark.django_db]

# What a long text may add, beside a plain loop that is timed in the same moment: machines differ, and so do moments on
# one. The loop takes 12 to 25 ms, so this is 50 to 100 ms of CPU; normalising too long a text took seconds.
MOST_LOOPS = 4
LOOP_ROUNDS = 200_000
# Beside the text, so that a door which wants several things gets as far as it can.
GOOD = {
    "app_label": "accounts",
    "model_name": "block",
    "field_name": "blocker",
    **dict.fromkeys(("password", "password1", "oldpassword", "current_password"), PASSWORD),
}
COOKIES = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages")
# Doors at which a header is tried that all of them read.
TRIED = 2


def marks(size: int) -> str:
    """Return so many bytes that take longest: marks in an order that is not Unicode's, in the host of an address."""
    return "//a" + "\u0301" * (size // 4) + "\u0323" * (size // 4)


MARKS = marks(2 * 60_000)
# As many as an address takes, at six characters each, beside the rest of it.
IN_ADDRESS = marks((ADDRESS_MAX - 1_024) // 3)
# As many as a body takes, beside the rest of it.
LARGEST = marks(settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 8_192)


def doors_of(role: str, scene: Scene) -> Iterator[tuple[Door, dict[str, Any]]]:
    if role == "site_admin":
        yield from ((door, {**scene.values, **values}) for door, values in admin_doors(scene))
        return
    for door in sorted(api_doors() | page_doors()):
        if not door.route.startswith("admin/"):
            yield door, scene.values


def read_by(scene: Scene, role: str, door: Door, address: str) -> Read:
    """Return the names of all that the door looks at."""
    with noted() as read:
        for _ in range(2):
            # Something to begin with, and then what the first time was looked for: some looks depend on others.
            form = {"x": "x", **filled_in(read, door)}
            ask(scene, role, door, address, Sent(query=dict.fromkeys(read.query, "x"), form=form))
    read.headers = {name for name in read.headers if name.startswith("HTTP_")}
    # Ninja, and lists of the admin, go through all that comes; they say elsewhere what it may be.
    read.query |= {one["name"] for one in documented(door).get("parameters", []) if one["in"] == "query"}
    read.form |= set(documented_body(door).get("properties", {}))
    for model, staff in admin.site._registry.items():
        if door.route == f"admin/{model._meta.app_label}/{model._meta.model_name}/":
            read.query |= {getattr(one, "parameter_name", f"{one}__exact") for one in staff.list_filter}
    return read


def good(door: Door) -> dict[str, Any]:
    return {**GOOD, **BODIES.get(door.without_version, {})}


def filled_in(read: Read, door: Door) -> dict[str, Any]:
    return {**{name: "x@example.org" if name == "email" else "x" for name in read.form}, **good(door)}


def has_body(door: Door) -> bool:
    return door.method not in ("GET", "HEAD")


def long_requests(door: Door, read: Read, tried: Counter[str]) -> Iterator[tuple[str, Sent]]:
    """Yield requests with a long text in one place after the other."""
    for name in sorted(read.query):
        yield f"?{name}", Sent(query={**good(door), name: IN_ADDRESS}, form=good(door) if has_body(door) else {})
    yield "?", Sent(query={"next": MARKS})
    if has_body(door):
        for name in sorted(read.form):
            # Alone, where one of several is asked for, and with all the others.
            yield name, Sent(form={**good(door), name: MARKS})
            yield name, Sent(form={**filled_in(read, door), name: MARKS})
            yield name, Sent(form={**filled_in(read, door), name: LARGEST})
        if read.form and tried["fields"] < TRIED:
            tried["fields"] += 1
            yield "a field", Sent(form=b"x=" + b"%41" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 3 - 1))
            yield "fields", Sent(form=b"&".join(b"%d=" % one for one in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)))
    for name in sorted(read.headers | {"HTTP_COOKIE"}):
        if tried[name] < TRIED:
            tried[name] += 1
            cookies = "; ".join(f"{cookie}={MARKS}" for cookie in COOKIES)
            yield name, Sent(headers={name: cookies if name == "HTTP_COOKIE" else MARKS})


def seconds_of_a_loop() -> float:
    start, total = time.thread_time(), 0
    for number in range(LOOP_ROUNDS):
        total += number * number % 7
    return time.thread_time() - start


def is_turned_away(answer: Answer) -> bool:
    return answer.status in (401, 403, 404, 405) or "/login/" in answer.location


@pytest.mark.parametrize("role", ["anonymous", "guest", "admin", "site_admin"])
def test_no_long_text_costs_much_or_breaks_anything(role: str) -> None:
    scene, tried, found = set_scene(), Counter[str](), []
    for door, values in doors_of(role, scene):
        address = fill(door.route, values)
        read = read_by(scene, role, door, address)
        short = ask(scene, role, door, address, Sent(form=good(door) if has_body(door) else {}))
        if is_turned_away(short) and role != "anonymous":
            continue
        # What is dear without a long text is another test's matter.
        most = short.seconds + MOST_LOOPS * seconds_of_a_loop()
        asked = [(address, *one) for one in long_requests(door, read, tried)]
        in_path = [name for name in values if f"<{name}>" in door.route]
        asked += [(fill(door.route, {**values, name: quote(IN_ADDRESS, safe="")}), name, Sent()) for name in in_path]
        for where, place, sent in asked:
            answer = ask(scene, role, door, where, sent)
            for start in "bc":
                # Once more, if something else kept the machine busy; with another text, as Python remembers addresses.
                if answer.seconds > most:
                    answer = ask(
                        scene, role, door, where.replace(quote("//a", safe=""), f"//{start}"), sent.anew(start)
                    )
            if answer.seconds > most or answer.status >= 500:
                found.append((str(door), place, answer.status, round(answer.seconds, 3)))
    assert found == []
