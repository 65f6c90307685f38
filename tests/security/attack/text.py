"""Text of any length: normalising combining marks takes time by the square of their number."""

from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import requests

from tests.security.attack.attack import Seen, add
from tests.security.attack.scene import Scene

# Two classes of marks, the later one first: to put them in order, each has to pass all others.
HALF = 16_000
MARKS = "a" + "\u0301" * HALF + "\u0323" * HALF
# As many as one line of a request holds.
SOME_MARKS = quote("\u0301" * 1_300 + "\u0323" * 1_300)
USERS = ("auth/login", "auth/signup", "auth/password/request")

Door = Callable[[Scene], requests.Response]


def by_page(path: str, *names: str, **fixed: str) -> Door:
    return lambda scene: scene.visitor().send_form(path, **dict.fromkeys(names, MARKS), **fixed)


def by_app(step: str) -> Door:
    fields = {"username": MARKS, "email": f"{MARKS}@example.org", "password": MARKS}
    if step == "auth/login":
        del fields["email"]
    return lambda scene: scene.visitor().app(step, **fields)


def by_api(method: str, path: str, fields: tuple[str, ...], **fixed: object) -> Door:
    """As a member; ``ROOM`` stands for the room's address."""

    def knock(scene: Scene) -> requests.Response:
        address = path.replace("ROOM", scene.room)
        return scene.member.client.request(method, address, json={**dict.fromkeys(fields, MARKS), **fixed})

    return knock


def by_query(path: str) -> Door:
    return lambda scene: scene.member.client.get(path.replace("ROOM", scene.room) + SOME_MARKS)


DOORS: dict[str, Door] = {
    "the log-in page": by_page("/accounts/login/", "login", "password"),
    "the sign-up page": by_page("/accounts/signup/", "username", "email", "invitation", password1="x"),
    "the guests' page": by_page("/accounts/guest/", "display_name"),
    "the page for a new password": by_page("/accounts/password/reset/", "email"),
    **{f"the apps' {step}": by_app(step) for step in USERS},
    "POST /api/guests": lambda scene: scene.visitor().post("/api/guests", json={"display_name": MARKS}),
    "PATCH /api/me": by_api("PATCH", "/api/me", ("display_name",)),
    "POST /api/rooms": by_api("POST", "/api/rooms", ("name", "topic")),
    "PATCH /api/rooms/…": by_api("PATCH", "ROOM", ("name", "topic")),
    "POST …/members": by_api("POST", "ROOM/members", ("username",)),
    "POST /api/directs": by_api("POST", "/api/directs", ("username",)),
    "POST …/files": by_api("POST", "ROOM/files", ("name", "type"), size=1),
    "POST …/messages": by_api("POST", "ROOM/messages", ("body",), client_id="marks"),
    "POST …/report": by_api("POST", "ROOM/messages/1/report", ("reason",)),
    "the username check": lambda scene: scene.visitor().get(f"/accounts/username/?username={SOME_MARKS}"),
    "the search for rooms": by_query("/api/rooms?q="),
    "the names to add": by_query("ROOM/candidates?q="),
}


def knock(door: Door, scene: Scene) -> Seen:
    return scene.stalls(lambda: door(scene))


for name, door in DOORS.items():
    add("text", f"{name}: {2 * HALF:,} combining marks, or as many as fit, in every text", partial(knock, door))
