"""Whatever is made for one person says that nobody shall keep it: the Back button of a shared computer for one."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.security.cast import Scene, set_scene
from tests.security.cells import admin_doors
from tests.security.doors import Door, api_doors, page_doors
from tests.security.table import BODIES

pytestmark = [pytest.mark.security, pytest.mark.django_db]

# What may be kept: a browser asks each time whether it is still good, and so whether it is still somebody's to see.
ASKED_AGAIN = "private, no-cache"
EXCEPTIONS = {
    **{f"{method} api/{version}files/<file_id>{what}": ASKED_AGAIN for method in ("GET", "HEAD")
       for version in ("", "v1/") for what in ("", "/view", "/thumbnail", "/preview")},
    **{f"GET api/{version}people/<user_id>/picture": ASKED_AGAIN for version in ("", "v1/")},
    **{f"{method} api/{version}{document}.json": "public, no-cache" for method in ("GET", "POST")
       for version in ("", "v1/") for document in ("openapi", "asyncapi")},
}  # fmt: skip


def kept(scene: Scene, role: str) -> dict[str, str]:
    """Every door whose answer may be kept, and how."""
    answers = {str(door): scene.knock(role, *door, BODIES.get(str(door))) for door in api_doors() | plain_pages()}
    if role == "site_admin":
        answers |= {str(door): scene.knock(role, *door, **values) for door, values in admin_doors(scene)}
    policies = {door: answer.get("Cache-Control", "none") for door, answer in answers.items()}
    return {door: policy for door, policy in policies.items() if "no-store" not in policy}


def plain_pages() -> set[Door]:
    return {door for door in page_doors() if not door.route.startswith("admin/")}


@pytest.mark.parametrize("role", ["anonymous", "member", "site_admin"])
def test_nothing_that_is_made_for_one_request_may_be_kept(role: str) -> None:
    found = kept(set_scene(), role)
    assert {door: policy for door, policy in found.items() if EXCEPTIONS.get(door) != policy} == {}


def test_what_a_token_is_answered_may_not_be_kept_either(alice: User) -> None:
    # The limit of sign-ups knows of no other test.
    cache.clear()
    signup = {"username": "eve", "email": "eve@example.org", "password": "correct horse battery staple"}
    answer = Client().post("/_allauth/app/v1/auth/signup", signup, content_type="application/json")
    assert "no-store" in answer["Cache-Control"]
    token = answer.json()["meta"]["session_token"]
    assert Client().get("/api/me", headers={"X-Session-Token": token})["Cache-Control"] == "no-store"


def test_no_page_of_an_error_may_be_kept(client: Client, alice: User) -> None:
    client.force_login(alice)
    for address in ("/nothing/", "/api/nothing", "/rooms/?q=%00", "/_allauth/nothing"):
        assert client.get(address)["Cache-Control"] == "no-store"
