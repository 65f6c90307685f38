"""The ways to do something about an account, by page and by the app client, as the security tests use them."""

import json
import re
from typing import Any

from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD

APP = "/_allauth/app/v1/"


def log_in(client: Client, login: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password}, **extra)


def app(client: Client, method: str, path: str, data: dict[str, Any], token: str = "", **extra: Any) -> Any:
    headers = {"X-Session-Token": token} if token else {}
    act = getattr(client, method)
    return act(f"{APP}{path}", json.dumps(data), content_type="application/json", headers=headers, **extra)


def app_log_in(client: Client, name: str, password: str = PASSWORD, **extra: Any) -> Any:
    field = "email" if "@" in name else "username"
    return app(client, "post", "auth/login", {field: name, "password": password}, **extra)


def reauthenticate(client: Client, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(reverse("account_reauthenticate"), {"password": password}, **extra)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_in(message: EmailMessage) -> str:
    """Return the path of the link that the mail is about."""
    found = re.search(r"^https?://[^/\s]+(/accounts/\S+)$", str(message.body), re.MULTILINE)
    assert found, message.body
    return found[1]


def reset_password(client: Client, message: EmailMessage, password: str) -> Any:
    """Choose a new password by the link in the mail."""
    form = client.get(link_in(message), follow=True)
    return client.post(form.redirect_chain[-1][0], {"password1": password})


def from_ip(number: int) -> dict[str, str]:
    """Return what makes a request come from another IP address, one for each number."""
    return {"REMOTE_ADDR": f"198.51.{number // 250}.{number % 250 + 1}"}
