"""Suspending people, letting them in again, and who has which rights: through the actions, from the admin too."""

from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import errors, signals
from accounts.models import AuditEntry, User
from tests.accounts.conftest import Heard
from tests.conftest import PASSWORD, new_user

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def staff(client: Client, dana: User) -> Client:
    client.force_login(dana)
    return client


@pytest.fixture
def helper(charlie: User) -> Client:
    """Somebody who looks after people, without all rights."""
    charlie.is_staff = True
    charlie.save()
    charlie.user_permissions.add(*Permission.objects.filter(codename__in=["view_user", "change_user"]))
    client = Client()
    client.force_login(charlie)
    return client


def do(staff: Client, action: str, *people: User, **more: str) -> str:
    form = {"action": action, "_selected_action": [str(user.pk) for user in people], "confirmed": "yes", **more}
    response = staff.post(LIST, form, follow=True)
    assert response.status_code == 200
    return response.text


def change(staff: Client, user: User, **fields: str) -> str:
    form = {"username": user.username, "email": user.email, "display_name": user.display_name, **fields}
    return staff.post(f"{LIST}{user.pk}/change/", form, follow=True).text


def signed_in(user: User) -> Client:
    client = Client()
    client.post(reverse("account_login"), {"login": user.username, "password": PASSWORD})
    client.get("/")
    assert UserSession.objects.filter(user=user).exists()
    return client


# --- Suspending ------------------------------------------------------------------------------------------------------


@pytest.mark.rules
def test_suspending_signs_out_everywhere_and_is_noted(
    staff: Client,
    dana: User,
    alice: User,
    hear: Callable[..., Heard],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    heard, client = hear(signals.suspended), signed_in(alice)

    with django_capture_on_commit_callbacks(execute=True):
        do(staff, "suspend_users", alice)

    alice.refresh_from_db()
    assert not alice.is_active
    assert not UserSession.objects.filter(user=alice).exists()
    assert "_auth_user_id" not in client.session
    assert [one["user"] for one in heard] == [alice]
    entry = AuditEntry.objects.get(action="suspended")
    assert (entry.actor, entry.subject) == (dana, alice)


def test_suspending_asks_first(staff: Client, alice: User) -> None:
    assert "cannot log in" in do(staff, "suspend_users", alice, confirmed="")
    alice.refresh_from_db()
    assert alice.is_active


@pytest.mark.rules
def test_a_reactivated_user_can_log_in(staff: Client, dana: User, alice: User) -> None:
    do(staff, "suspend_users", alice)
    do(staff, "reactivate_users", alice)
    alice.refresh_from_db()
    assert alice.is_active
    assert AuditEntry.objects.get(action="reactivated").actor == dana


@pytest.mark.rules
def test_the_last_site_admin_cannot_be_suspended(staff: Client, dana: User) -> None:
    assert str(errors.LastSiteAdmin()) in do(staff, "suspend_users", dana)
    dana.refresh_from_db()
    assert dana.is_active


def test_no_checkbox_turns_an_account_off(staff: Client, alice: User) -> None:
    change(staff, alice, display_name="Al", is_active="")
    alice.refresh_from_db()
    assert (alice.is_active, alice.display_name) == (True, "Al")


def test_a_form_that_was_opened_before_does_not_let_anybody_in_again(staff: Client, alice: User) -> None:
    do(staff, "suspend_users", alice)
    change(staff, alice, display_name="Al", is_active="on")
    alice.refresh_from_db()
    assert (alice.is_active, alice.display_name) == (False, "Al")


@pytest.mark.rules
def test_signing_out_everywhere_leaves_the_account_as_it_is(staff: Client, dana: User, alice: User) -> None:
    client = signed_in(alice)
    do(staff, "sign_out_users", alice)
    assert "_auth_user_id" not in client.session
    alice.refresh_from_db()
    assert alice.is_active
    assert AuditEntry.objects.get(action="signed_out").actor == dana


def test_the_page_of_a_person_has_the_buttons_that_make_sense(staff: Client, alice: User) -> None:
    page = f"{LIST}{alice.pk}/change/"
    text = staff.get(page).text
    assert 'value="suspend_users"' in text
    assert 'value="reactivate_users"' not in text
    do(staff, "suspend_users", alice, back=page)
    assert 'value="reactivate_users"' in staff.get(page).text


def test_nobody_is_deleted_there(staff: Client, alice: User) -> None:
    assert staff.post(f"{LIST}{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    do(staff, "delete_selected", alice, post="yes")
    assert User.objects.filter(pk=alice.pk).exists()


# --- Rights ----------------------------------------------------------------------------------------------------------


@pytest.mark.rules
def test_a_site_admin_is_made_and_unmade_and_that_is_noted(staff: Client, dana: User, alice: User) -> None:
    change(staff, alice, is_staff="on", is_superuser="on")
    alice.refresh_from_db()
    assert alice.is_staff
    assert alice.is_superuser
    change(staff, alice)
    alice.refresh_from_db()
    assert not alice.is_staff
    entries = AuditEntry.objects.filter(action="access_changed", actor=dana, subject=alice).order_by("pk")
    assert [entry.detail for entry in entries] == ["is_staff, is_superuser", ""]


@pytest.mark.rules
@pytest.mark.parametrize("kept", [{}, {"is_staff": "on"}, {"is_superuser": "on"}])
def test_the_last_site_admin_keeps_the_rights(staff: Client, dana: User, kept: dict[str, str]) -> None:
    assert str(errors.LastSiteAdmin()) in change(staff, dana, display_name="Di", **kept)
    dana.refresh_from_db()
    assert (dana.is_staff, dana.is_superuser, dana.display_name) == (True, True, "")


def test_groups_and_other_changes_are_noted(staff: Client, alice: User) -> None:
    group = Group.objects.create(name="Helpers")
    change(staff, alice, groups=str(group.pk), display_name="Al")
    assert list(alice.groups.all()) == [group]
    assert set(AuditEntry.objects.get(action="person_changed").detail.split(", ")) == {"groups", "display_name"}


def test_a_site_admin_without_all_rights_grants_none(helper: Client, alice: User, charlie: User) -> None:
    for user in (alice, charlie):
        change(helper, user, display_name="Mine", is_staff="on", is_superuser="on")
        user.refresh_from_db()
        assert (user.display_name, user.is_superuser) == ("Mine", False)
    assert not alice.is_staff


def test_a_site_admin_without_all_rights_cannot_change_one_who_has_them(helper: Client, dana: User) -> None:
    new_user("other", is_staff=True, is_superuser=True)
    assert str(errors.NotAllRights()) in do(helper, "suspend_users", dana)
    assert str(errors.NotAllRights()) in do(helper, "sign_out_users", dana)
    assert helper.post(f"{LIST}{dana.pk}/change/", {"email": "mine@example.org"}).status_code == 403
    passwords = {"usable_password": "true", "password1": "another good horse", "password2": "another good horse"}
    assert helper.post(f"{LIST}{dana.pk}/password/", passwords).status_code == 403
    dana.refresh_from_db()
    assert (dana.email, dana.is_active, dana.check_password(PASSWORD)) == ("dana@example.org", True, True)


def test_a_password_that_a_site_admin_sets_is_noted(staff: Client, dana: User, alice: User) -> None:
    passwords = {"usable_password": "true", "password1": "another good horse", "password2": "another good horse"}
    assert staff.post(f"{LIST}{alice.pk}/password/", passwords).status_code == 302
    entry = AuditEntry.objects.get(action="password_set")
    assert (entry.actor, entry.subject) == (dana, alice)


def test_a_password_that_was_not_set_is_not_noted(staff: Client, alice: User) -> None:
    staff.post(f"{LIST}{alice.pk}/password/", {"usable_password": "false", "password1": "", "password2": ""})
    assert not AuditEntry.objects.filter(action="password_set").exists()


# --- The way in ------------------------------------------------------------------------------------------------------


@pytest.mark.security
def test_too_many_wrong_passwords_close_the_way_into_the_admin(client: Client, dana: User) -> None:
    address = client.get("/admin/", follow=True).redirect_chain[-1][0]
    for number in range(12):
        answer = client.post(address, {"login": "dana", "password": f"wrong {number}"})
        assert not answer.wsgi_request.user.is_authenticated

    right = client.post(address, {"login": "dana", "password": PASSWORD})

    assert not right.wsgi_request.user.is_authenticated
    assert right.status_code == 429 or "Too many attempts" in right.text


@pytest.mark.security
def test_the_admins_own_log_in_form_answers_nobody(client: Client, dana: User) -> None:
    form = {"username": "dana", "password": PASSWORD, "next": "/admin/"}
    answer = client.post("/admin/login/", form)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    assert not client.get("/admin/").wsgi_request.user.is_authenticated
