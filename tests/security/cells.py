"""Who may do what at which door, looked up in the table."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps

from rooms.actions.messages import post_messages
from rooms.actions.posts import Post, Posted
from rooms.realtime.writer import writer
from tests.security.cast import ROLES, Scene
from tests.security.doors import Door, page_doors
from tests.security.table import ROOMS, SITE

Cells = dict[Door, str]


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Posts are stored in the test's own transaction, which the writer's thread would not see."""

    def post(post: Post) -> Posted:
        (answer,) = post_messages([post])
        if not isinstance(answer, Posted):
            raise answer
        return answer

    monkeypatch.setattr(writer, "post", post)


def rows(table: str) -> Iterator[tuple[Door, list[str]]]:
    for line in table.strip().splitlines():
        # The site's own address is the empty route.
        method, route, *cells = line.split()
        for place, cell in enumerate(cells):
            cells[place] = cells[place - 1] if cell == "=" else cell
        yield Door(method, "" if route == "/" else route), cells
        if route.startswith("api/") and not route.startswith("api/v1/"):
            # The address of today; the table has those of before, which go on.
            yield Door(method, route.replace("api/", "api/v1/", 1)), cells


def expected_of(role: str) -> Cells:
    place = ROLES.index(role)
    cells = {door: some[place] for door, some in rows(ROOMS)}
    return cells | {door: some[min(place, 2)] for door, some in rows(SITE)}


def usual_code(role: str, status: int) -> str | None:
    forbidden = "removed" if role == "removed" else "not_admin"
    return {401: "signed_out", 403: forbidden, 404: "no_such_room"}.get(status)


def cell_of(answer: Any, role: str) -> str:
    """What a cell of the table says of this answer."""
    if answer.status_code == 302:
        return "login" if "/login/" in answer["Location"] else "302"
    if answer.status_code >= 400 and answer.content and answer["Content-Type"].startswith("application/json"):
        code = answer.json()["code"]
        if code != usual_code(role, answer.status_code):
            return f"{answer.status_code}:{code}"
    return str(answer.status_code)


def admin_doors(scene: Scene) -> Iterator[tuple[Door, dict[str, object]]]:
    """Each door of the admin, with the id of a row that is there."""
    rest = {"app_label": "rooms", "url": "nothing", "content_type_id": "1", "id": scene.people["member"].pk}
    for door in sorted(page_doors()):
        if not door.route.startswith("admin/"):
            continue
        app, model, *_more = (door.route.removeprefix("admin/") + "//").split("/")
        row = None
        if app in ("accounts", "rooms", "auth") and model:
            row = apps.get_model(app, model)._base_manager.first()
        yield door, {**rest, "object_id": row.pk if row else scene.room.pk}
