"""No page of the Django admin breaks a rule: raw forms are refused, whoever posts them."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.audit import record
from accounts.models import AuditEntry, Block, User
from rooms.actions.files import start_upload
from rooms.actions.invitations import invite
from rooms.actions.messages import post_message
from rooms.actions.moderation import report_message
from rooms.models import Attachment, Invitation, Membership, Message, Report, Room
from tests.rooms.admin import address_of, do, listed

pytestmark = pytest.mark.django_db

WRITTEN_BY_ACTIONS = [Membership, Message, Attachment, Invitation, Report, AuditEntry]
FORM = {"role": "admin", "state": "active", "body": "other", "uses_left": "9", "outcome": "dismissed", "action": "x"}


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def full(room: Room, alice: User, bob: User) -> Room:
    """A room with a row of each kind of fact."""
    post_message(room, actor=alice, client_id="1", body="Words")
    report_message(room, actor=bob, seq=3, reason="Rude")
    start_upload(room, actor=bob, name="plan.txt", size=10)
    invite(room, actor=alice, uses=3)
    record("person_changed", actor=alice, subject=bob)
    return room


def stored(model: type[Model]) -> list[dict[str, object]]:
    return list(model._default_manager.order_by("pk").values())


@pytest.mark.rules
@pytest.mark.parametrize("model", WRITTEN_BY_ACTIONS)
def test_what_actions_write_is_not_added_changed_or_deleted(staff: Client, full: Room, model: type[Model]) -> None:
    before = stored(model)
    row = model._default_manager.order_by("pk").last()
    page = address_of(model)

    for form in (FORM, FORM | {"room": str(full.pk), "user": str(full.created_by_id), "message": "1"}):
        assert staff.post(f"{page}add/", form).status_code == 403
        assert staff.post(f"{page}{row.pk}/change/", form).status_code == 403
    assert staff.post(f"{page}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    do(staff, "delete_selected", row, post="yes")

    assert stored(model) == before


@pytest.mark.parametrize("model", [*WRITTEN_BY_ACTIONS, Room, User])
def test_each_list_and_page_can_be_looked_at_without_counting(staff: Client, full: Room, model: type[Model]) -> None:
    staff.get("/admin/")  # the first visit notes that the session is in use, and reads the site's settings
    row = model._default_manager.order_by("pk").last()
    with CaptureQueriesContext(connection) as asked:
        assert listed(staff, model)
        listed(staff, model, "q=alice")
    counting = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    # How many objects of which kinds a site admin may delete is none of the list's business.
    assert counting == []
    assert len(asked) <= 14
    assert staff.get(f"{address_of(model)}{row.pk}/change/").status_code == 200
    assert staff.get(f"{address_of(model)}{row.pk}/history/").status_code == 200


@pytest.mark.parametrize("query", ["p=0", "p=-3", "p=99", "p=x", "outcome=x", "action=x", "deleted=x", "o=9", "all="])
@pytest.mark.parametrize("model", [*WRITTEN_BY_ACTIONS, Room, User])
def test_no_address_of_a_list_is_an_error(staff: Client, full: Room, model: type[Model], query: str) -> None:
    assert staff.get(f"{address_of(model)}?{query}", follow=True).status_code == 200


def test_blocks_are_nobody_elses_business() -> None:
    assert not admin.site.is_registered(Block)


def test_what_is_registered_is_known() -> None:
    """Whoever registers a model thinks of the rules that its raw form could break, and names it here."""
    ours = {model for model in apps.get_models() if admin.site.is_registered(model)}
    names = {model._meta.label for model in ours - {*WRITTEN_BY_ACTIONS, Room, User}}
    assert names == {"auth.Group", "accounts.SiteSettings", "accounts.Invitation"}


def test_a_stranger_gets_into_none_of_it(client: Client, alice: User, full: Room) -> None:
    client.force_login(alice)
    for model in [*WRITTEN_BY_ACTIONS, Room, User]:
        row = model._default_manager.order_by("pk").last()
        for page in ("", "add/", f"{row.pk}/change/", f"{row.pk}/history/"):
            assert client.get(address_of(model) + page).status_code in (302, 403)
    client.post(f"{address_of(Room)}{full.pk}/add-member/", {"username": "alice"})
    assert not LogEntry.objects.exists()


# --- Invitations -----------------------------------------------------------------------------------------------------


@pytest.mark.rules
def test_an_invitation_is_revoked_through_the_action(staff: Client, dana: User, full: Room) -> None:
    invitation = full.invitations.get()
    assert invitation.code not in staff.get(address_of(Invitation)).text
    assert "Done for 1 row." in do(staff, "revoke_invitations", invitation)
    invitation.refresh_from_db()
    assert not invitation.is_good
    assert AuditEntry.objects.get(action="invitation_revoked").actor == dana
    assert listed(staff, Invitation, "good=yes") == []
    assert listed(staff, Invitation) == [invitation]
