"""One operation through each door, with what the door answered: nothing, or status and code of the refusal."""

import html
import re
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts.errors import AccountError
from rooms import errors
from rooms.errors import RoomError
from tests.rooms.operations import Operation
from tests.rooms.terminal import typed
from tests.security.cast import Scene

Refusal = tuple[int, str]

# The Django admin shows what cannot be changed without a form to change it.
NO_FORM = (403, "")
SAID = re.compile(r'<ul class="(?:messagelist|errorlist).*?</ul>', re.DOTALL)
# What the addresses of pages take.
PARAMETERS = {
    "room_join": "<room_id>", "room_leave": "<room_id>", "room_settings": "<room_id>", "room_kind": "<room_id>",
    "room_favour": "<room_id>",
    "room_delete": "<room_id>", "room_mute": "<room_id>", "member_add": "<room_id>", "invitation_new": "<room_id>",
    "member_remove": "<room_id> <user_id>", "member_role": "<room_id> <user_id>",
    "invitation_revoke": "<room_id> <invitation_id>", "invitation": "<code>", "direct_open": "", "account_blocks": "",
}  # fmt: skip


def by_action(scene: Scene, role: str, operation: Operation) -> Refusal | None:
    try:
        with transaction.atomic():
            operation.act(scene, scene.people[role])
    except (RoomError, AccountError) as refusal:
        return refusal.status, refusal.code
    return None


def filled_in(scene: Scene, text: str) -> str:
    for name, value in scene.values.items():
        text = text.replace(f"<{name}>", str(value))
    return text


def by_api(scene: Scene, role: str, operation: Operation) -> Refusal | None:
    assert operation.api
    method, address, data = operation.api
    address = address.replace("<own_id>", str(scene.people[role].pk))
    answer: Any = scene.ask(role, method, f"/api/{filled_in(scene, address)}", data)
    return (answer.status_code, answer.json()["code"]) if answer.status_code >= 400 else None


def by_terminal(scene: Scene, role: str, operation: Operation) -> Refusal | None:
    assert operation.terminal
    line = filled_in(scene, operation.terminal).replace("<name>", scene.room.name)
    return typed(scene, role, line)


def sentences() -> dict[str, RoomError]:
    def below(cls: type[RoomError]) -> Iterator[type[RoomError]]:
        yield cls
        for kind in cls.__subclasses__():
            yield from below(kind)

    return {str(kind.sentence): kind for kind in below(RoomError)}  # type: ignore[misc]


def by_page(scene: Scene, role: str, operation: Operation) -> Refusal | None:
    """Press the button. Which error it was, the page says by its sentence."""
    assert operation.page
    method, name, data = operation.page
    data = {key: filled_in(scene, value) if isinstance(value, str) else value for key, value in data.items()}
    values = {key: value for key, value in scene.values.items() if f"<{key}>" in PARAMETERS[name]}
    answer: Any = scene.ask(role, method, reverse(name, kwargs=values), data)
    if answer.status_code < 400:
        assert answer.status_code == 302, answer.content.decode()
        return None
    return answer.status_code, code_in(answer.content.decode())


def by_admin(scene: Scene, role: str, operation: Operation) -> Refusal | None:
    """The Django admin leads back to the list, and says above it why not."""
    assert operation.admin
    method, address, data = operation.admin
    data = {key: filled_in(scene, value) for key, value in data.items()}
    answer: Any = scene.ask(role, method, f"/admin/{filled_in(scene, address)}", data, follow=True)
    if answer.status_code == 403:
        return NO_FORM
    assert answer.status_code == 200
    # Beside its fields the form has sentences, too; what was refused stands above it, or is its error.
    said = SAID.findall(answer.content.decode())
    code = code_in(" ".join(said))
    return (next(kind.status for kind in sentences().values() if kind.code == code), code) if code else None


def code_in(page: str) -> str:
    text = html.unescape(page)
    found = [kind.code for sentence, kind in sentences().items() if sentence in text]
    # The page that asks for the confirmation says so in words of its own.
    return found[0] if found else errors.ConfirmPublic.code if 'name="confirm"' in text else ""
