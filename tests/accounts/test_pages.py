"""Every account page renders in the site's look, without a script or style that the site's policy would refuse."""

import re

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.defaults import bad_request, server_error
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.actions import first_admin_link
from accounts.models import User

pytestmark = pytest.mark.django_db

FOR_STRANGERS = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key_done",
    "account_email_verification_sent",
    "account_inactive",
]
FOR_PEOPLE = [
    "account",
    "account_profile",
    "usersessions_list",
    "account_preferences",
    "account_data",
    "account_delete",
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "account_logout",
]
UNUSED_FOR_NOW = [
    "account/signup_closed.html",
    "account/verified_email_required.html",
    "account/request_login_code.html",
    "account/confirm_login_code.html",
]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


def assert_in_our_look(page: str) -> None:
    assert 'class="site-header' in page
    assert not INLINE.search(page)
    assert "placeholder=" not in page


@pytest.mark.parametrize("name", FOR_STRANGERS)
def test_a_page_for_strangers(client: Client, name: str) -> None:
    response = client.get(reverse(name))

    assert response.status_code == 200
    assert_in_our_look(response.content.decode())
    assert "script-src 'self'" in response["Content-Security-Policy"]


@pytest.mark.parametrize("name", FOR_PEOPLE)
def test_a_page_about_ones_account(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)

    response = client.get(reverse(name))

    assert response.status_code == 200
    assert_in_our_look(response.content.decode())


@pytest.mark.parametrize("name", FOR_PEOPLE[:8])
def test_a_page_about_ones_account_asks_strangers_to_log_in(client: Client, name: str) -> None:
    assert client.get(reverse(name))["Location"] == f"{reverse('account_login')}?next={reverse(name)}"


@pytest.mark.parametrize("template", UNUSED_FOR_NOW)
def test_a_page_that_a_setting_would_turn_on(rf: RequestFactory, template: str) -> None:
    request = rf.get("/")
    assert_in_our_look(get_template(template).render({"user": None}, request))


def test_the_pages_of_the_first_admin(client: Client) -> None:
    assert_in_our_look(client.get(first_admin_link()).content.decode())
    assert_in_our_look(client.get(reverse("first_admin", args=["nonsense"])).content.decode())


def test_the_welcome_page_offers_to_sign_up_and_to_log_in(rf: RequestFactory) -> None:
    page = get_template("home.html").render({}, rf.get("/"))

    assert_in_our_look(page)
    assert reverse("account_signup") in page
    assert reverse("account_login") in page


def test_a_page_that_is_not_there_leads_back(client: Client) -> None:
    response = client.get("/nothing/here/")

    assert response.status_code == 404
    assert_in_our_look(response.content.decode())
    assert "Back to the start" in response.content.decode()


def test_a_form_whose_cookie_is_gone_says_what_to_do() -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("account_login"), {"login": "alice", "password": "x"})

    assert response.status_code == 403
    assert_in_our_look(response.content.decode())
    assert "load the page again" in response.content.decode()


def test_the_worst_pages_need_neither_context_nor_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        responses = [bad_request(HttpRequest(), SuspiciousOperation()), server_error(HttpRequest())]

    for response in responses:
        assert_in_our_look(response.content.decode())
        assert "Back to the start" in response.content.decode()
