"""Page, API, admin and Python: the same rows, events, memberships, audit entries and refusals, through every door.

One line for each operation. A door that an operation does not have is left out of its line.
"""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import actions as accounts
from accounts.errors import AccountError
from accounts.models import AuditEntry, Block, User
from rooms import errors, signals
from rooms.actions import directs, invitations, memberships, moderation, rooms
from rooms.errors import RoomError
from rooms.events import Json, message_event
from rooms.models import Invitation, Membership, Message, Report, Room
from tests.conftest import new_user
from tests.security.cast import Scene, set_scene

pytestmark = [pytest.mark.rules, pytest.mark.django_db]

Act = Callable[[Scene, User], object]
# What a door is sent: method, address (below /api/, a page's name, or the admin's), data.
Sent = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Operation:
    act: Act
    api: Sent | None = None
    page: Sent | None = None
    admin: Sent | None = None


def erin(scene: Scene) -> User:
    return User.objects.get(username="erin")


def erase(message: Message, *, actor: User) -> object:
    return moderation.redact_message(message.room, actor=actor, seq=message.seq)


def charlie(scene: Scene) -> User:
    return scene.people["stranger"]


def form(**words: str) -> dict[str, Any]:
    """The room's form, as it was filled in."""
    return {"name": "Den", "topic": "Between us", **words}


def selected(action: str) -> Sent:
    return ("POST", "rooms/membership/", {"action": action, "_selected_action": "<membership>"})


def confirmed(action: str, selected: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": selected, "confirmed": "yes"}


def kind_of_form(kind: str, **more: str) -> dict[str, Any]:
    return {**form(), "kind": kind, **more}


OPERATIONS: dict[str, Operation] = {
    "join": Operation(
        lambda scene, actor: memberships.join_room(scene.room, actor=actor),
        api=("POST", "rooms/<room_id>/join", {}),
        page=("POST", "room_join", {}),
    ),
    "leave": Operation(
        lambda scene, actor: memberships.leave_room(scene.room, actor=actor),
        api=("POST", "rooms/<room_id>/leave", {}),
        page=("POST", "room_leave", {}),
    ),
    "rename": Operation(
        lambda scene, actor: rooms.rename_room(scene.room, actor=actor, name="Hall"),
        api=("PATCH", "rooms/<room_id>", {"name": "Hall"}),
        page=("POST", "room_settings", form(name="Hall")),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("<kind>", name="Hall")),
    ),
    "rename to nothing": Operation(
        lambda scene, actor: rooms.rename_room(scene.room, actor=actor, name="\u200b"),
        api=("PATCH", "rooms/<room_id>", {"name": "\u200b"}),
    ),
    "rename to a name in use": Operation(
        lambda scene, actor: rooms.rename_room(scene.room, actor=actor, name="TEA"),
        api=("PATCH", "rooms/<room_id>", {"name": "TEA"}),
        page=("POST", "room_settings", form(name="TEA")),
    ),
    "set the topic": Operation(
        lambda scene, actor: rooms.set_topic(scene.room, actor=actor, topic="All"),
        api=("PATCH", "rooms/<room_id>", {"topic": "All"}),
        page=("POST", "room_settings", form(topic="All")),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("<kind>", topic="All")),
    ),
    "make private": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="private"),
        api=("PATCH", "rooms/<room_id>", {"kind": "private"}),
        page=("POST", "room_kind", {"kind": "private"}),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("private")),
    ),
    "make public": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="public"),
        api=("PATCH", "rooms/<room_id>", {"kind": "public"}),
        page=("POST", "room_kind", {"kind": "public"}),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("public")),
    ),
    "make public, surely": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="public", confirm=True),
        api=("PATCH", "rooms/<room_id>", {"kind": "public", "confirm": True}),
        page=("POST", "room_kind", {"kind": "public", "confirm": "yes"}),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("public", confirm="on")),
    ),
    "make direct": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="direct", confirm=True),
        api=("PATCH", "rooms/<room_id>", {"kind": "direct", "confirm": True}),
        page=("POST", "room_kind", {"kind": "direct", "confirm": "yes"}),
    ),
    "delete": Operation(
        lambda scene, actor: rooms.delete_room(scene.room, actor=actor),
        api=("DELETE", "rooms/<room_id>", {}),
        page=("POST", "room_delete", {}),
        admin=("POST", "rooms/room/", {"action": "delete_rooms", "_selected_action": "<room_id>", "confirmed": "yes"}),
    ),
    "restore": Operation(
        lambda scene, actor: rooms.restore_room(scene.room, actor=actor),
        admin=("POST", "rooms/room/", {"action": "restore_rooms", "_selected_action": "<room_id>"}),
    ),
    "add": Operation(
        lambda scene, actor: memberships.add_member(scene.room, actor=actor, user=charlie(scene)),
        api=("POST", "rooms/<room_id>/members", {"username": "Charlie"}),
        page=("POST", "member_add", {"username": "Charlie"}),
        admin=("POST", "rooms/room/<room_id>/add-member/", {"username": "Charlie"}),
    ),
    "add nobody": Operation(
        lambda scene, actor: memberships.add_member(scene.room, actor=actor, user=None),
        api=("POST", "rooms/<room_id>/members", {"username": "nobody-at-all"}),
        page=("POST", "member_add", {"username": "nobody-at-all"}),
        admin=("POST", "rooms/room/<room_id>/add-member/", {"username": "nobody-at-all"}),
    ),
    "remove": Operation(
        lambda scene, actor: memberships.remove_member(scene.room, actor=actor, user=erin(scene)),
        api=("DELETE", "rooms/<room_id>/members/<user_id>", {}),
        page=("POST", "member_remove", {}),
        admin=selected("remove_members"),
    ),
    "make an admin": Operation(
        lambda scene, actor: memberships.grant_admin(scene.room, actor=actor, user=erin(scene)),
        api=("PATCH", "rooms/<room_id>/members/<user_id>", {"role": "admin"}),
        page=("POST", "member_role", {"role": "admin"}),
        admin=selected("grant_admins"),
    ),
    "revoke": Operation(
        lambda scene, actor: memberships.revoke_admin(scene.room, actor=actor, user=erin(scene)),
        api=("PATCH", "rooms/<room_id>/members/<user_id>", {"role": "member"}),
        page=("POST", "member_role", {"role": "member"}),
        admin=selected("revoke_admins"),
    ),
    "mute": Operation(
        lambda scene, actor: memberships.mute_room(scene.room, actor=actor, muted=True),
        api=("PATCH", "rooms/<room_id>/mine", {"muted": True}),
        page=("POST", "room_mute", {"muted": "yes"}),
    ),
    "invite": Operation(
        lambda scene, actor: invitations.invite(scene.room, actor=actor, uses=3),
        api=("POST", "rooms/<room_id>/invitations", {"uses": 3}),
        page=("POST", "invitation_new", {"days": 7, "uses": 3}),
    ),
    "revoke the invitation": Operation(
        lambda scene, actor: invitations.revoke_invitation(
            scene.room, actor=actor, invitation_id=scene.values["invitation_id"]
        ),
        api=("DELETE", "rooms/<room_id>/invitations/<invitation_id>", {}),
        page=("POST", "invitation_revoke", {}),
    ),
    "follow the invitation": Operation(
        lambda scene, actor: invitations.accept_invitation(scene.values["code"], actor=actor),
        api=("POST", "invitations/<code>/accept", {}),
        page=("POST", "invitation", {}),
    ),
    "write privately": Operation(
        lambda scene, actor: directs.open_direct(actor=actor, user=erin(scene)),
        api=("POST", "directs", {"username": "erin"}),
        page=("POST", "direct_open", {"username": "erin"}),
    ),
    "report": Operation(
        lambda scene, actor: moderation.report_message(scene.room, actor=actor, seq=scene.values["seq"], reason="Rude"),
        api=("POST", "rooms/<room_id>/messages/<seq>/report", {"reason": "Rude"}),
    ),
    "erase": Operation(
        lambda scene, actor: erase(Message.objects.get(pk=scene.values["message"]), actor=actor),
        admin=("POST", "rooms/message/", confirmed("erase_messages", "<message>")),
    ),
    "erase what was reported": Operation(
        lambda scene, actor: erase(Message.objects.get(pk=scene.values["message"]), actor=actor),
        admin=("POST", "rooms/report/", confirmed("erase_messages", "<report>")),
    ),
    "let stand": Operation(
        lambda scene, actor: moderation.dismiss_report(Report.objects.get(), actor=actor),
        admin=("POST", "rooms/report/", confirmed("leave_messages", "<report>")),
    ),
    "block": Operation(
        lambda scene, actor: accounts.block_person(erin(scene), actor=actor),
        api=("PUT", "blocks/<user_id>", {}),
        page=("POST", "account_blocks", {"block": "<user_id>"}),
    ),
    "block oneself": Operation(
        lambda scene, actor: accounts.block_person(actor, actor=actor),
        api=("PUT", "blocks/<own_id>", {}),
    ),
    "unblock": Operation(
        lambda scene, actor: accounts.unblock_person(scene.people["blocked"], actor=actor),
        api=("DELETE", "blocks/<blocked_id>", {}),
        page=("POST", "account_blocks", {"unblock": "<blocked_id>"}),
    ),
    "suspend": Operation(
        lambda scene, actor: accounts.suspend(erin(scene), actor=actor),
        admin=("POST", "accounts/user/", confirmed("suspend_people", "<user_id>")),
    ),
    "let in again": Operation(
        lambda scene, actor: accounts.reactivate(scene.people["suspended"], actor=actor),
        admin=("POST", "accounts/user/", confirmed("reactivate_people", "<suspended_id>")),
    ),
}


# --- What came of it -------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """Everything that an operation leaves behind, by names: what differs between any two of them is left out."""

    refused: tuple[int, str] | None = None
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    deeds: list[tuple[Any, ...]] = field(default_factory=list)
    members: list[tuple[Any, ...]] = field(default_factory=list)
    beside: list[tuple[Any, ...]] = field(default_factory=list)


def facts_of(room: Room) -> tuple[Any, ...]:
    return room.kind, room.name, room.topic, room.is_deleted, room.member_count, room.last_seq


VARYING = ("id", "room", "at", "hash")


@pytest.fixture
def outcome_of(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Callable[[Callable[[], tuple[int, str] | None]], Outcome]:
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

    def outcome_of(do: Callable[[], tuple[int, str] | None]) -> Outcome:
        rows, deeds = set(Message.objects.values_list("pk")), set(AuditEntry.objects.values_list("pk"))
        with transaction.atomic():
            with heard() as events, django_capture_on_commit_callbacks(execute=True):
                refused = do()
            outcome = Outcome(refused, events=events)
            new = Message.objects.exclude(pk__in=[pk for (pk,) in rows]).order_by("room", "seq")
            outcome.rows = list(new.values_list("kind", "author__username", "subject__username", "body", "seq"))
            noted = AuditEntry.objects.exclude(pk__in=[pk for (pk,) in deeds]).order_by("pk")
            outcome.deeds = list(noted.values_list("action", "actor__username", "subject__username", "target_name"))
            outcome.members = [
                (facts_of(row.room), row.user.username, row.state, row.role, row.is_muted, row.hidden_talk)
                for row in Membership.objects.select_related("room", "user").order_by("room__created_at", "user")
            ]
            outcome.beside = [
                (row.uses_left, row.used, row.revoked_at is None) for row in Invitation.objects.order_by("pk")
            ]
            outcome.beside += Report.objects.values_list("message", "reporter__username", "reason", "outcome")
            outcome.beside += Message.objects.filter(redacted_at__isnull=False).values_list("pk", "body", "salt")
            outcome.beside += Block.objects.order_by("pk").values_list("blocker__username", "blocked__username")
            outcome.beside += User.objects.order_by("pk").values_list("username", "is_active")
            transaction.set_rollback(True)
        return outcome

    return outcome_of


# --- The doors -------------------------------------------------------------------------------------------------------


# The Django admin shows what cannot be changed without a form to change it.
NO_FORM = (403, "")
SAID = re.compile(r'<ul class="(?:messagelist|errorlist).*?</ul>', re.DOTALL)


def by_action(scene: Scene, role: str, operation: Operation) -> tuple[int, str] | None:
    try:
        with transaction.atomic():
            operation.act(scene, scene.people[role])
    except (RoomError, AccountError) as refusal:
        return refusal.status, refusal.code
    return None


def filled_in(scene: Scene, text: str) -> str:
    for name, value in scene.values.items():
        text = text.replace(f"<{name}>", str(value))
    return text


def by_api(scene: Scene, role: str, operation: Operation) -> tuple[int, str] | None:
    assert operation.api
    method, address, data = operation.api
    address = address.replace("<own_id>", str(scene.people[role].pk))
    answer: Any = scene.ask(role, method, f"/api/{filled_in(scene, address)}", data)
    return (answer.status_code, answer.json()["code"]) if answer.status_code >= 400 else None


def sentences() -> dict[str, RoomError]:
    def below(cls: type[RoomError]) -> Iterator[type[RoomError]]:
        yield cls
        for kind in cls.__subclasses__():
            yield from below(kind)

    return {str(kind.sentence): kind for kind in below(RoomError)}  # type: ignore[misc]


def by_page(scene: Scene, role: str, operation: Operation) -> tuple[int, str] | None:
    """Press the button. Which error it was, the page says by its sentence."""
    assert operation.page
    method, name, data = operation.page
    data = {key: filled_in(scene, value) if isinstance(value, str) else value for key, value in data.items()}
    values = {key: value for key, value in scene.values.items() if f"<{key}>" in PARAMETERS[name]}
    answer: Any = scene.ask(role, method, reverse(name, kwargs=values), data)
    if answer.status_code < 400:
        assert answer.status_code == 302, answer.content.decode()
        return None
    return answer.status_code, code_in(answer.content.decode())


def by_admin(scene: Scene, role: str, operation: Operation) -> tuple[int, str] | None:
    """The Django admin leads back to the list, and says above it why not."""
    assert operation.admin
    method, address, data = operation.admin
    data = {key: filled_in(scene, value) for key, value in data.items()}
    answer: Any = scene.ask(role, method, f"/admin/{filled_in(scene, address)}", data, follow=True)
    if answer.status_code == 403:
        return NO_FORM
    assert answer.status_code == 200
    # Beside its fields the form has sentences, too; what was refused stands above it, or is its error.
    said = SAID.findall(answer.content.decode())
    code = code_in(" ".join(said))
    return (next(kind.status for kind in sentences().values() if kind.code == code), code) if code else None


def code_in(page: str) -> str:
    text = html.unescape(page)
    found = [kind.code for sentence, kind in sentences().items() if sentence in text]
    # The page that asks for the confirmation says so in words of its own.
    return found[0] if found else errors.ConfirmPublic.code if 'name="confirm"' in text else ""


PARAMETERS = {
    "room_join": "<room_id>", "room_leave": "<room_id>", "room_settings": "<room_id>", "room_kind": "<room_id>",
    "room_delete": "<room_id>", "room_mute": "<room_id>", "member_add": "<room_id>", "invitation_new": "<room_id>",
    "member_remove": "<room_id> <user_id>", "member_role": "<room_id> <user_id>",
    "invitation_revoke": "<room_id> <invitation_id>", "invitation": "<code>", "direct_open": "", "account_blocks": "",
}  # fmt: skip


@pytest.fixture(params=["public", "private", "deleted", "direct"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """A room of each kind, in which alice is admin, and bob and erin are members; or alice's and erin's own."""
    kind = request.param
    scene = set_scene("public" if kind == "public" else "private")
    rooms.open_room(actor=scene.people["admin"], name="Tea")
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
        # A room's pages are its members'; a site admin has the admin.
        if operation.page and role != "site_admin":
            assert outcome_of(lambda: by_page(scene, role, operation)) == expected, f"{role} by page"  # noqa: B023
        if operation.admin and role == "site_admin":
            came = outcome_of(lambda: by_admin(scene, role, operation))  # noqa: B023
            if came.refused == NO_FORM and expected.refused:
                expected.refused = NO_FORM
            assert came == expected, f"{role} in the admin"
