"""A site admin who asks the admin's lists what they may not read. With ``--staff NAME:PASSWORD``."""

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import Client
from tests.security.attack.scene import NotTriedError, Person, Scene, new_name


def staff(scene: Scene) -> Client:
    if scene.staff is None:
        raise NotTriedError("it takes --staff NAME:PASSWORD")
    return scene.browser_of(Person(*scene.staff, scene.visitor(), is_ours=False))


def tells_apart(client: Client, path: str, right: str, wrong: str) -> tuple[str, bool]:
    """Whether a list answers a right guess otherwise than a wrong one."""
    answers = [client.get(path + guess) for guess in (right, wrong)]
    rows = [answer.text.count('class="action-select"') for answer in answers]
    statuses = [answer.status_code for answer in answers]
    return f"{statuses[0]} with {rows[0]} rows, {statuses[1]} with {rows[1]}", statuses[0] == 200 and rows[0] != rows[1]


@attack("admin")
def private_talk_letter_by_letter(scene: Scene) -> Seen:
    """Private words spelt out by ?body__startswith= in the list of messages, past the audit log."""
    client = staff(scene)
    room, secret = scene.new_room(scene.member, "private"), new_name()
    scene.member.client.post(f"/api/rooms/{room}/messages", json={"client_id": secret, "body": secret})
    path = f"/admin/rooms/message/?room__id__exact={room}&body__startswith="
    return open_if(*reversed(tells_apart(client, path, secret[:4], "zzz")))


@attack("admin")
def invitations_by_pattern(scene: Scene) -> Seen:
    """An invitation's code spelt out by ?code__regex=."""
    client = staff(scene)
    answer = scene.member.client.post(f"{scene.room}/invitations", json={})
    if answer.status_code != 201:
        raise NotTriedError(f"nobody could be invited ({answer.status_code})")
    room, code = scene.room.rpartition("/")[2], answer.json()["code"]
    path = f"/admin/rooms/invitation/?room__id__exact={room}&code__startswith="
    return open_if(*reversed(tells_apart(client, path, code[:6], "~~~")))
