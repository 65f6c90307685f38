"""The terminal's client as a door: a line is typed, and what it asks of the API goes to Django's test client."""

from collections.abc import Coroutine
from typing import Any, cast

import httpx
from chatsite_cli.commands import Commands, Talk
from chatsite_client import Api, NotFound, Refused, Room

from tests.security.cast import Scene

SITE = "http://testserver"


class Wire(httpx.AsyncBaseTransport):
    """Leads to the site in this process, as somebody of the scene."""

    def __init__(self, scene: Scene, role: str) -> None:
        self._scene, self._role = scene, role

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        address = request.url.raw_path.decode()
        content = request.content.decode()
        data: Any = httpx.Response(200, text=content).json() if content else None
        answer = self._scene.ask(self._role, request.method, address, data)
        return httpx.Response(answer.status_code, headers=dict(answer.items()), content=answer.content)


class Terminal:
    """Somebody who is in the scene's room, by a terminal."""

    def __init__(self, scene: Scene, role: str) -> None:
        self.api = Api(SITE, patience=0)
        self.api._client = httpx.AsyncClient(transport=Wire(scene, role), base_url=SITE)
        self.room: Room | None = cast(Room, {"id": str(scene.room.pk), "name": scene.room.name})

    def say(self, text: str) -> None:
        pass

    async def enter(self, room: Room) -> None:
        self.room = room

    def leave(self) -> None:
        self.room = None


def typed(scene: Scene, role: str, line: str) -> tuple[int, str] | None:
    """Type a line; return the refusal, if it is one."""
    try:
        finished(Commands(cast(Talk, Terminal(scene, role))).run(line))
    except Refused as refused:
        return refused.status, refused.code
    except NotFound:
        # What a command looks up by its name first is refused by the client itself.
        return (404, "no_such_person")
    return None


def finished(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing without a loop, in which Django would refuse to ask its database."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("It waits for something.")
