"""The site with a planted hang: who asks for /hang stops the event loop for good."""

import time
from typing import Any

from chatsite.asgi import application as site


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope.get("path") == "/hang":
        stop_the_loop()
    await site(scope, receive, send)


def stop_the_loop() -> None:
    time.sleep(3_600)
