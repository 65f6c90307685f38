"""Somebody who calls the API."""

from typing import Any

from django.test import Client

from accounts.models import User
from tests.rooms.conftest import session_of


class Caller:
    """A script that speaks JSON with its session token."""

    def __init__(self, user: User) -> None:
        self.client = Client(headers={"X-Session-Token": session_of(user)})

    def __call__(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        extra = {} if body is None else {"data": body, "content_type": "application/json"}
        response: Any = getattr(self.client, method.lower())(f"/api/{path}", **extra)
        return response.status_code, response.json() if response.content else None
