"""Room for files that never come."""

import requests

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import code_of
from tests.security.attack.scene import NotTriedError, Person, Scene

MEGABYTE = 1_000_000
# Uploads that one person may have begun and not ended, at the very most.
MANY = 20


def begin(scene: Scene, person: Person, name: str, size: int) -> requests.Response:
    return person.client.post(f"{scene.room}/files", json={"name": name, "size": size})


def part(scene: Scene, person: Person, upload: str, offset: int, data: bytes) -> requests.Response:
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return person.client.patch(f"{scene.room}/files/{upload}", data=data, headers=headers)


def send(scene: Scene, data: bytes, name: str) -> requests.Response:
    """Send a whole file; answered is its end, or what was refused before."""
    person = scene.member
    answer = begin(scene, person, name, len(data))
    if answer.status_code == 201:
        upload = answer.json()["id"]
        answer = part(scene, person, upload, 0, data)
        if answer.status_code == 204:
            answer = person.client.post(f"{scene.room}/files/{upload}/finish")
        person.client.delete(f"{scene.room}/files/{upload}")
    return answer


@attack("uploads")
def promises(scene: Scene) -> Seen:
    """Uploads of 50 MB each, of which no byte is ever sent: room that others lack then."""
    begun = []
    answer = None
    for number in range(3 * MANY):
        answer = begin(scene, scene.member, f"{number}.bin", 50 * MEGABYTE)
        if answer.status_code != 201:
            break
        begun.append(answer.json()["id"])
    for upload in begun:
        scene.member.client.delete(f"{scene.room}/files/{upload}")
    if not begun or answer is None:
        raise NotTriedError("no file could be sent at all")
    promised = len(begun) * 50
    return open_if(len(begun) > MANY, f"{len(begun)} were begun, {promised} MB promised; then {code_of(answer)}")


@attack("uploads")
def crumbs(scene: Scene) -> Seen:
    """A file of a kilobyte in parts of one byte, each of them a file on the disk."""
    person = scene.member
    answer = begin(scene, person, "crumbs.txt", 1_000)
    if answer.status_code != 201:
        raise NotTriedError(f"no file could be begun ({code_of(answer)})")
    upload = answer.json()["id"]
    answer = part(scene, person, upload, 0, b"x")
    person.client.delete(f"{scene.room}/files/{upload}")
    return open_if(answer.status_code == 204, code_of(answer))
