"""What the lists and pages of the Django admin tell: nothing that they hide, and nothing private without a note."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.test import Client, RequestFactory

from accounts.admin import base as module
from accounts.models import AuditEntry, Invitation as SiteInvitation, User
from rooms.actions.directs import open_direct
from rooms.actions.invitations import invite
from rooms.actions.messages import post_message
from rooms.actions.moderation import report_message
from rooms.models import Attachment, Invitation, Message, Report, Room
from tests.rooms.admin import address_of, do, listed
from tests.rooms.files import posted_file

pytestmark = [pytest.mark.security, pytest.mark.django_db]

LOOKUPS = (
    *("", "exact", "iexact", "contains", "icontains", "in", "gt", "gte", "lt", "lte", "range", "isnull"),
    *("startswith", "istartswith", "endswith", "iendswith", "regex", "iregex", "year", "date", "length"),
)
# What each list may be asked, by the parameters of its address.
ALLOWED = {
    "accounts.AuditEntry": {"at__gte", "at__lt", "action"},
    "accounts.Invitation": {"expires_at__gte", "expires_at__lt"},
    "accounts.SiteSettings": set(),
    "accounts.User": {
        *("is_active__exact", "is_staff__exact", "is_superuser__exact", "is_guest__exact"),
        *("is_active__isnull", "is_staff__isnull", "is_superuser__isnull", "is_guest__isnull"),
        *("date_joined__gte", "date_joined__lt"),
    },
    "auth.Group": set(),
    "rooms.Attachment": {"state__exact", "state__isnull", "kind__exact", "kind__isnull"},
    "rooms.Invitation": {"good"},
    "rooms.Membership": {"room__id__exact", "state__exact", "state__isnull", "role__exact", "role__isnull"},
    "rooms.Message": {"room__id__exact", "author__id__exact", "kind__exact", "kind__isnull", "erased"},
    "rooms.Report": {"outcome"},
    "rooms.Room": {"kind__exact", "kind__isnull", "deleted"},
}
SECRET = "Between us alone"


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def whisper(alice: User, bob: User) -> Message:
    """A message between two people, which one of them has shown to the site's admins."""
    direct = open_direct(actor=alice, user=bob)
    row = post_message(direct, actor=alice, client_id="whispered", body=SECRET).row
    report_message(direct, actor=bob, seq=row.seq, reason="Rude")
    return row


def registered() -> Iterator[tuple[type[Model], Any]]:
    yield from admin.site._registry.items()


def paths_of(model: type[Model], *, depth: int = 2) -> Iterator[str]:
    """Each column, there and over relations in both directions, by the name that a query has for it."""
    for field in model._meta.get_fields(include_hidden=True):
        yield field.name
        if attname := getattr(field, "attname", ""):
            yield attname
        if depth and field.related_model:
            for further in paths_of(field.related_model, depth=depth - 1):
                yield f"{field.name}__{further}"


def looked_up(model: type[Model]) -> Iterator[str]:
    for path in {"pk", *paths_of(model)}:
        for lookup in LOOKUPS:
            yield f"{path}__{lookup}" if lookup else path


def notes() -> int:
    return AuditEntry.objects.filter(action="read_message").count()


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_every_list_is_asked_for_nothing_but_what_stands_here(rf: RequestFactory, dana: User) -> None:
    request = rf.get("/")
    request.user = dana
    found = {}
    for model, page in registered():
        asked = {*looked_up(model), *ALLOWED.get(model._meta.label, ())}
        assert len(asked) > 100
        found[model._meta.label] = {name for name in asked if page.lookup_allowed(name, "x", request)}
    assert found == ALLOWED


def test_every_page_begins_with_the_guarded_one() -> None:
    assert {page for _model, page in registered() if not isinstance(page, module.GuardedAdmin)} == set()


@pytest.mark.parametrize(
    "question",
    [
        "body__startswith=Between",
        "body=Between+us+alone",
        "body__regex=^B",
        "client_id__startswith=w",
        "room__invitations__code__regex=.",
        "author__password__startswith=argon2",
        "reports__reason__startswith=R",
        "attachment__name__startswith=p",
        "id__gt=0",
    ],
)
def test_a_list_of_messages_does_not_answer_what_it_hides(staff: Client, whisper: Message, question: str) -> None:
    page = f"{address_of(Message)}?room__id__exact={whisper.room_id}&{question}"
    assert staff.get(page)["Location"].endswith("?e=1")


@pytest.mark.parametrize(
    ("model", "question"),
    [
        (Invitation, "code__regex=."),
        (SiteInvitation, "code__regex=."),
        (User, "password__startswith=argon2"),
        (User, "usersession__session_key__startswith=a"),
        (User, "last_login__isnull=False"),
        (Attachment, "name__startswith=s"),
        (Attachment, "stored__startswith=a"),
        (Report, "message__body__startswith=B"),
        (Room, "messages__body__startswith=B"),
        (Group, "user__password__startswith=argon2"),
        (AuditEntry, "actor__email__startswith=d"),
    ],
)
def test_no_other_list_does(staff: Client, whisper: Message, model: type[Model], question: str) -> None:
    assert staff.get(f"{address_of(model)}?{question}")["Location"].endswith("?e=1")


def order_of(staff: Client, model: type[Model], query: str) -> set[str]:
    changelist = staff.get(f"{address_of(model)}{query}").context["cl"]
    return {str(name).lstrip("-") for name in changelist.queryset.query.order_by}


def test_a_list_is_sorted_by_the_columns_whose_heads_say_so(
    staff: Client, whisper: Message, rf: RequestFactory
) -> None:
    for model, page in registered():
        if model._meta.model_name == "sitesettings":
            continue
        request = rf.get("/")
        request.user = User.objects.get(username="dana")
        shown = {*page.get_sortable_by(request), *order_of(staff, model, ""), "pk", "last_seq", "deleted_at"}
        assert not shown & {"password", "code", "body", "salt", "stored", "session_key"}
        for place in range(1, 12):
            for sign in ("", "-"):
                assert order_of(staff, model, f"?o={sign}{place}") <= shown, model


def test_nothing_is_found_by_what_is_hidden(staff: Client, whisper: Message, room: Room, den: Room, bob: User) -> None:
    invitation = invite(den, actor=User.objects.get(username="alice"))
    made = SiteInvitation.objects.create(code="let-me-in", note="For Eve")
    posted_file(den, bob, name="secret.txt")
    key = Session.objects.get().session_key
    for words in (SECRET, invitation.code, made.code, "secret.txt", "argon2", key, whisper.client_id):
        for model, page in registered():
            # Without a box to search in, the words count for nothing.
            if page.search_fields:
                assert listed(staff, model, f"q={words}") == [], model


def test_no_form_is_given_suggestions(staff: Client, whisper: Message) -> None:
    fields = [("report", "message"), ("message", "author"), ("invitation", "room"), ("membership", "user")]
    for model, field in fields:
        asked = {"app_label": "rooms", "model_name": model, "field_name": field, "term": "Between"}
        assert staff.get("/admin/autocomplete/", asked).status_code == 404


@pytest.mark.parametrize("field", ["body", "code", "password", "name", "email", "session_key"])
def test_no_row_is_named_by_what_is_hidden(staff: Client, whisper: Message, den: Room, field: str) -> None:
    for model, _page in registered():
        if model._meta.model_name != "sitesettings":
            for address in (f"?_popup=1&_to_field={field}", f"{SECRET}/change/?_to_field={field}"):
                assert staff.get(address_of(model) + address).status_code == 400


# --- Reading ---------------------------------------------------------------------------------------------------------


def pages_of(model: type[Model], row: Model) -> Iterator[str]:
    page = address_of(model)
    yield from (page, f"{page}?_popup=1", f"{page}?all=", f"{page}{row.pk}/history/")
    yield from (f"{page}{row.pk}/change/", f"{page}{row.pk}/change/?_popup=1", f"{page}{row.pk}/delete/")


def test_no_page_shows_private_words_or_a_key_without_a_note(
    staff: Client, whisper: Message, den: Room, alice: User, bob: User
) -> None:
    invitation = invite(den, actor=alice)
    hidden = posted_file(den, bob, name="secret.txt").attachment
    assert hidden
    Group.objects.create(name="Helpers")
    SiteInvitation.objects.create(note="For Eve")
    never = [invitation.code, "secret.txt", bytes(hidden.sha256).hex(), Session.objects.get().session_key]
    never += [part for user in (alice, bob) for part in (user.password, user.password.split("$")[-1][:6])]
    read = []
    for model, _page in registered():
        for row in model._default_manager.all():
            for address in pages_of(model, row):
                before, text = notes(), staff.get(address).text
                assert not [one for one in never if one in text], address
                if SECRET in text:
                    read.append(address)
                    assert notes() == before + 1, address
    # The message's own page and the report's.
    assert len(read) == 4
    assert SECRET not in staff.get("/admin/").text


@pytest.mark.parametrize("model", [Message, Report])
def test_no_way_of_writing_the_address_passes_the_log_by(staff: Client, whisper: Message, model: type[Model]) -> None:
    key = str(model._default_manager.get(**({"pk": whisper.pk} if model is Message else {})).pk)
    # Django reads "_3A" as ":" and "_2B" as "+"; Python reads numbers and UUIDs in many forms.
    others = (
        [key.replace("-", ""), key.upper(), f"urn_3Auuid_3A{key}"] if model is Message else [f"_2B{key}", f"0{key}"]
    )
    for written in (key, *others):
        before = notes()
        assert SECRET in staff.get(f"{address_of(model)}{written}/change/").text
        assert notes() == before + 1
    assert AuditEntry.objects.filter(action="read_message", target_id=str(whisper.pk)).count() == notes()


def test_private_words_in_the_question_before_an_erasure_are_noted_as_read(staff: Client, whisper: Message) -> None:
    for row in (whisper, Report.objects.get()):
        before = notes()
        assert SECRET in do(staff, "erase_messages", row)
        assert notes() == before + 1


def test_who_may_only_look_at_the_sites_invitations_sees_no_code(client: Client, charlie: User) -> None:
    made = SiteInvitation.objects.create(code="let-me-in")
    charlie.is_staff = True
    charlie.save()
    charlie.user_permissions.add(Permission.objects.get(codename="view_invitation", content_type__app_label="accounts"))
    client.force_login(charlie)
    for page in ("", f"{made.pk}/change/", f"{made.pk}/history/"):
        answer = client.get(address_of(SiteInvitation) + page)
        assert answer.status_code == 200
        assert "let-me-in" not in answer.text


def test_the_history_of_the_admin_keeps_no_code(staff: Client) -> None:
    made = SiteInvitation.objects.create(code="let-me-in")
    form = {"code": made.code, "uses_left": "3", "note": "", "expires_at_0": "2030-01-01", "expires_at_1": "12:00"}
    answer = staff.post(f"{address_of(SiteInvitation)}{made.pk}/change/", form)
    assert answer.status_code == 302
    assert "let-me-in" not in staff.get("/admin/").text
