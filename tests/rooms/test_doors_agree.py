"""Page, API, admin, terminal and Python: the same rows, events, memberships, audit entries and refusals everywhere.

One line for each operation, in operations.py. A door that an operation does not have is left out of its line.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import AuditEntry, Block, User
from rooms import signals
from rooms.actions import directs, rooms
from rooms.events import Json, message_event
from rooms.models import Invitation, Membership, Message, Pin, Report, Room
from tests.conftest import new_user
from tests.rooms.doors import NO_FORM, Refusal, by_action, by_admin, by_api, by_page, by_terminal
from tests.rooms.operations import OPERATIONS, erin
from tests.security.cast import Scene, pin_something, set_scene

pytestmark = [pytest.mark.rules, pytest.mark.django_db]


@dataclass
class Outcome:
    """Everything that an operation leaves behind, by names: what differs between any two of them is left out."""

    refused: Refusal | None = None
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    members: list[tuple[Any, ...]] = field(default_factory=list)
    beside: list[tuple[Any, ...]] = field(default_factory=list)


def facts_of(room: Room) -> tuple[Any, ...]:
    return room.kind, room.name, room.topic, room.is_deleted, room.member_count, room.last_seq


VARYING = ("id", "room", "at", "hash")


@pytest.fixture
def outcome_of(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Callable[[Callable[[], Refusal | None]], Outcome]:
    """Do something, write down what it left behind, and undo it."""

    @contextmanager
    def heard() -> Iterator[list[Json]]:
        events: list[Json] = []

        def hear(*, rows: list[Message], **kwargs: Any) -> None:
            for row in rows:
                events.append({key: value for key, value in message_event(row).items() if key not in VARYING})  # noqa: PERF401

        signals.committed.connect(hear)
        yield events
        signals.committed.disconnect(hear)

    def outcome_of(do: Callable[[], Refusal | None]) -> Outcome:
        rows, entries = set(Message.objects.values_list("pk")), set(AuditEntry.objects.values_list("pk"))
        with transaction.atomic():
            with heard() as events, django_capture_on_commit_callbacks(execute=True):
                refused = do()
            outcome = Outcome(refused, events=events)
            new = Message.objects.exclude(pk__in=[pk for (pk,) in rows]).order_by("room", "seq")
            outcome.rows = list(
                new.values_list("kind", "author__username", "subject__username", "target_seq", "body", "seq")
            )
            noted = AuditEntry.objects.exclude(pk__in=[pk for (pk,) in entries]).order_by("pk")
            outcome.entries = list(noted.values_list("action", "actor__username", "subject__username", "target_name"))
            outcome.members = [
                (
                    *(facts_of(row.room), row.user.username, row.state, row.role),
                    *(row.is_muted, row.is_favourite, row.hidden_talk),
                )
                for row in Membership.objects.select_related("room", "user").order_by("room__created_at", "user")
            ]
            outcome.beside = [
                (row.uses_left, row.used, row.revoked_at is None) for row in Invitation.objects.order_by("pk")
            ]
            outcome.beside += Pin.objects.order_by("message__seq").values_list("message__seq", "row__seq")
            outcome.beside += Report.objects.values_list("message", "reporter__username", "reason", "outcome")
            outcome.beside += Message.objects.filter(redacted_at__isnull=False).values_list("pk", "body", "salt")
            outcome.beside += Block.objects.order_by("pk").values_list("blocker__username", "blocked__username")
            outcome.beside += User.objects.order_by("pk").values_list("username", "is_active")
            transaction.set_rollback(True)
        return outcome

    return outcome_of


@pytest.fixture(params=["public", "private", "deleted", "direct"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """A room of each kind, in which alice is admin, and bob and erin are members; or alice's and erin's own."""
    kind = request.param
    scene = set_scene("public" if kind == "public" else "private")
    rooms.open_room(actor=scene.people["admin"], name="Tea")
    pin_something(scene)
    if kind == "deleted":
        rooms.delete_room(scene.room, actor=scene.people["admin"])
    if kind == "direct":
        scene.room = directs.open_direct(actor=scene.people["admin"], user=erin(scene))
        scene.values["room_id"] = scene.room.pk
    scene.room = Room.objects.get(pk=scene.room.pk)
    scene.values["kind"] = scene.room.kind
    scene.values["membership"] = Membership.objects.get(room=scene.room, user=erin(scene)).pk
    message = Message.objects.get(body="A secret")
    report = Report.objects.create(message=message, reporter=scene.people["member"], reason="Too much")
    scene.people["suspended"] = new_user("gone", is_active=False)
    scene.values |= {"message": message.pk, "report": report.pk}
    scene.values |= {f"{name}_id": scene.people[name].pk for name in ("blocked", "suspended")}
    return scene


ACTORS = ("stranger", "left", "removed", "blocked", "member", "admin")


@pytest.mark.parametrize("name", OPERATIONS)
def test_all_doors_agree(scene: Scene, name: str, outcome_of: Callable[..., Outcome]) -> None:
    operation = OPERATIONS[name]
    for role in (*ACTORS, "site_admin"):
        expected = outcome_of(lambda: by_action(scene, role, operation))  # noqa: B023
        if operation.api:
            assert outcome_of(lambda: by_api(scene, role, operation)) == expected, f"{role} by API"  # noqa: B023
        # A terminal looks people up among a room's members, whom it shows to members; a site admin has the admin.
        if operation.terminal and role != "site_admin":
            assert outcome_of(lambda: by_terminal(scene, role, operation)) == expected, f"{role} by terminal"  # noqa: B023
        # A room's pages are its members'; a site admin has the admin.
        if operation.page and role != "site_admin":
            assert outcome_of(lambda: by_page(scene, role, operation)) == expected, f"{role} by page"  # noqa: B023
        if operation.admin and role == "site_admin":
            came = outcome_of(lambda: by_admin(scene, role, operation))  # noqa: B023
            if came.refused == NO_FORM and expected.refused:
                expected.refused = NO_FORM
            assert came == expected, f"{role} in the admin"
