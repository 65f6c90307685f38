"""What a request passes on its way to a view and back."""

from typing import Any
from unittest.mock import patch

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections

from chatsite.server.handler import Handler


async def ask(handler: Handler, path: str) -> tuple[int, bytes]:
    """Ask as a server does; return status and body."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", b"localhost")],
        "server": ("localhost", 80), "client": ("127.0.0.1", 1), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await handler(scope, receive, send)
    return sent[0]["status"], b"".join(part.get("body", b"") for part in sent)


@pytest.mark.django_db(transaction=True)
async def test_a_request_hops_once_to_a_thread_that_stays() -> None:
    handler, submitted = Handler(), []
    original = handler._threads.submit

    def submit(*args: Any) -> Any:
        submitted.append(args)
        return original(*args)

    with (
        patch.object(handler._threads, "submit", submit),
        patch.object(SyncToAsync, "__call__", side_effect=AssertionError("another hop")),
    ):
        for _ in range(3):
            status, body = await ask(handler, "/api/me")
            assert (status, b"signed_out" in body) == (401, True)
    assert len(submitted) == 3
    # A second one where the first had not said yet that it is idle.
    assert len(handler._threads._threads) <= 2
    handler._threads.submit(connections.close_all)
