"""Who gets what at which door: every address of the site, found in its address table, against ``table.py``."""

import json
import re
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from rooms.actions.directs import open_direct
from rooms.actions.messages import post_message
from rooms.actions.rooms import delete_room
from rooms.models import Room
from tests.security.cast import ROLES, Scene, nowhere, set_scene
from tests.security.cells import Cells, admin_doors, cell_of, expected_of, one_thread, rows
from tests.security.doors import Door, api_doors, page_doors
from tests.security.table import BODIES, ROOMS, SITE

# No rules: who may do what does not depend on the database, and the same refusals are tried on both elsewhere.
__all__ = ["one_thread"]
pytestmark = [pytest.mark.security, pytest.mark.django_db]

OUTSIDERS = ("guest", "stranger", "left", "blocked")


def differences(scene: Scene, role: str, cells: Cells) -> dict[str, tuple[str, str]]:
    """Knock at each of these doors; return what was expected and what came, where that is not the same."""
    # Of a refused HEAD there is the status alone.
    cells = {door: cell.split(":")[0] if door.method == "HEAD" else cell for door, cell in cells.items()}
    came = {door: cell_of(scene.knock(role, *door, BODIES.get(door.without_version)), role) for door in cells}
    return {str(door): (cells[door], came[door]) for door in cells if came[door] != cells[door]}


def room_cells(role: str) -> Cells:
    """What this role is expected to get at the doors of a private room."""
    return {door: cell for door, cell in expected_of(role).items() if "<room_id>" in door.route}


def test_every_door_has_its_row() -> None:
    listed = [door for table in (ROOMS, SITE) for door, _cells in rows(table)]
    assert len(listed) == len(set(listed))
    # The admin's and allauth's own are asked by their rules, below.
    doors = {door for door in api_doors() | page_doors() if not door.route.startswith(("admin/", "_allauth/"))}
    assert set(listed) == doors


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_what_of_a_private_room(role: str) -> None:
    assert differences(set_scene(), role, expected_of(role)) == {}


# What anybody may do with a public room.
IN_PUBLIC = {
    "GET api/rooms/<room_id>": "200",
    "POST api/rooms/<room_id>/join": "200",
    "GET rooms/<room_id>/": "200",
    "GET rooms/<room_id>/at/<day>/": "200",
    "GET rooms/<room_id>/at/<seq>/": "200",
    "POST rooms/<room_id>/join/": "302",
}


@pytest.mark.parametrize("role", ["anonymous", *OUTSIDERS, "removed", "member", "admin"])
def test_who_gets_what_of_a_public_room(role: str) -> None:
    cells = room_cells(role)
    refused = "403:left" if role == "left" else "403:join_first"
    for door, cell in cells.items():
        if cell == "404":
            cells[door] = IN_PUBLIC.get(door.without_version, refused if door.route.startswith("api/") else "403")
        elif "kind" in door.route and role == "admin":
            # Public already: the page leads back to the settings, and so does the button.
            cells[door] = "302"
    assert differences(set_scene(Room.Kind.PUBLIC), role, cells) == {}


@pytest.mark.parametrize("role", ROLES)
def test_who_gets_what_of_a_deleted_room(role: str) -> None:
    scene = set_scene()
    delete_room(scene.room, actor=scene.people["admin"])
    cells = room_cells(role)
    never_in = role in ("guest", "stranger", "blocked")
    for door, cell in cells.items():
        leads_on = cell == "302" and door.method == "GET"
        if cell in ("login", "401", "405") or never_in or leads_on or (role == "site_admin" and cell == "404"):
            continue
        cells[door] = "410:room_deleted" if door.route.startswith("api/") else "410"
    assert differences(scene, role, cells) == {}


EXPORT = [Door("GET", f"api/{version}rooms/<room_id>/export") for version in ("", "v1/")]


def test_a_direct_room_is_the_two_s_alone_and_nothing_of_it_changes() -> None:
    scene = set_scene()
    direct = open_direct(actor=scene.people["admin"], user=scene.people["member"])
    post_message(direct, actor=scene.people["admin"], client_id="1", body="Psst")
    scene.values["room_id"] = direct.pk
    for role in (*OUTSIDERS, "anonymous"):
        assert differences(scene, role, room_cells(role)) == {}
    changes = {
        door: "409:direct_room" if door.route.startswith("api/") else "409"
        for door, cell in room_cells("member").items()
        if cell == "403"
    }
    unknown = {door: cell for door, cell in room_cells("site_admin").items() if cell == "404"}
    assert differences(scene, "site_admin", changes | unknown | dict.fromkeys(EXPORT, "404")) == {}
    # Either of the two, and nobody else, may take the transcript along.
    for role in ("admin", "member"):
        assert differences(scene, role, changes | dict.fromkeys(EXPORT, "200")) == {}


# --- Absent, private: the same ---------------------------------------------------------------------------------------

# What is new in every answer, whatever was asked.
VARYING = re.compile(rb'(csrf\w*" value="|csrf-token" content="|nonce[-=]"?)[\w+/=-]+')


def essence(answer: HttpResponse, room_id: UUID) -> tuple[int, bytes, dict[str, bytes]]:
    """All that somebody could tell two answers apart by, without what differs between any two requests."""
    body = VARYING.sub(b"", b"" if answer.streaming else answer.content)
    # "Expires" is the second in which it was asked, and what is left of a limit counts each request.
    told = [(name, value) for name, value in answer.items() if name != "Expires" and "RateLimit-" not in name]
    headers = {name: VARYING.sub(b"", value.encode()) for name, value in told}
    named = str(room_id).encode()
    return (
        answer.status_code,
        body.replace(named, b"ID"),
        {name: value.replace(named, b"ID") for name, value in headers.items()},
    )


@pytest.mark.parametrize("role", [*OUTSIDERS, "site_admin", "anonymous"])
def test_a_private_room_cannot_be_told_from_none(role: str) -> None:
    scene = set_scene()
    for door, cell in room_cells(role).items():
        # A site admin may know that it is there, where they may change it.
        if cell not in ("404", "302", "login", "401") or (role, cell) == ("site_admin", "302"):
            continue
        body, nobody = BODIES.get(door.without_version), nowhere()
        private = essence(scene.knock(role, *door, body), scene.room.pk)
        absent = essence(scene.knock(role, *door, body, room_id=nobody), nobody)
        assert private == absent, str(door)


@pytest.mark.parametrize("role", ROLES)
def test_a_poll_tells_of_a_room_what_its_transcript_does(role: str) -> None:
    """It names its rooms in the body, so the table knows nothing of them."""
    scene = set_scene()
    for room_id in (scene.room.pk, nowhere()):
        read = scene.knock(role, "GET", "api/v1/rooms/<room_id>/messages", room_id=room_id)
        body = {"rooms": [{"room": str(room_id)}], "here": "tab", "attend": str(room_id)}
        polled = scene.knock(role, "POST", "api/v1/poll", body)
        if role == "anonymous":
            assert polled.status_code == read.status_code == 401
            continue
        assert polled.status_code == 200
        (news,) = json.loads(polled.content)["rooms"]
        told = json.loads(read.content)
        if read.status_code == 200:
            assert (news["ended"], news["messages"]) == (None, told["messages"])
            continue
        assert (news["ended"]["reason"], news["ended"]["detail"]) == (told["code"], told["detail"])
        # And not a word more.
        assert {name: value for name, value in news.items() if value} == {"room": str(room_id), "ended": news["ended"]}


def test_a_private_room_costs_a_stranger_one_look_more_than_none() -> None:
    """The one for their membership: nothing that grows with the room can be timed."""
    scene = set_scene()
    for door in room_cells("stranger"):
        if door.route.startswith("api/"):
            counts = []
            for room_id in (nowhere(), scene.room.pk):
                with CaptureQueriesContext(connection) as queries:
                    scene.knock("stranger", *door, BODIES.get(door.without_version), room_id=room_id)
                counts.append(len(queries))
            assert counts[1] - counts[0] in (0, 1), str(door)


# --- The admin, and allauth's own ------------------------------------------------------------------------------------

# Rows that actions alone make, and that nothing erases.
ONLY_BY_ACTIONS = {"room", "attachment", "membership", "message", "report", "rooms/invitation", "auditentry"}
NEVER_DELETED = ONLY_BY_ACTIONS | {"user", "sitesettings"}
OPEN_IN_ADMIN = ("admin/login/", "admin/logout/")


@pytest.mark.parametrize("role", [role for role in ROLES if role != "site_admin"])
def test_nobody_else_gets_into_the_admin(role: str) -> None:
    scene = set_scene()
    for door, values in admin_doors(scene):
        if door.route not in OPEN_IN_ADMIN:
            assert cell_of(scene.knock(role, *door, **values), role) == "login", str(door)


def test_a_site_admin_gets_everywhere_and_past_no_action() -> None:
    scene = set_scene()
    for door, values in admin_doors(scene):
        answer = scene.knock("site_admin", *door, **values)
        assert answer.status_code < 500, str(door)
        parts = door.route.removeprefix("admin/").split("/")
        model, last = parts[1] if len(parts) > 1 else "", parts[-2] if len(parts) > 1 else ""
        names = {model, "/".join(parts[:2])}
        if (last == "add" and names & ONLY_BY_ACTIONS) or (last == "delete" and names & NEVER_DELETED):
            assert answer.status_code == 403, str(door)


def test_the_cookie_counts_for_nothing_at_the_doors_of_apps() -> None:
    """Allauth's headless ones: who is who is told by the session token, and they know nothing of rooms."""
    scene = set_scene()
    for door in sorted(page_doors()):
        if door.route.startswith("_allauth/"):
            answers = {
                scene.knock(role, *door).status_code for role in ("anonymous", "stranger", "admin", "site_admin")
            }
            assert len(answers) == 1, str(door)
