"""Names that look like somebody else's, or like nothing."""

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import code_of
from tests.security.attack.scene import NotTriedError, Scene

# Hangul's fillers and what else shows nothing.
INVISIBLE = "\u115f\u1160\u3164\uffa0\u2800\u180e\u2060\u00ad\u034f"
CYRILLIC = str.maketrans("aceopxy", "асеорху")


def is_free(scene: Scene, username: str) -> bool:
    answer = scene.visitor().get("/accounts/username/", params={"username": username})
    if answer.status_code != 200:
        raise NotTriedError(f"the username check did not answer ({code_of(answer)})")
    return bool(answer.json()["free"])


@attack("names")
def invisible_usernames(scene: Scene) -> Seen:
    """A username that is somebody's and an invisible character, or two of those alone."""
    if not is_free(scene, scene.member.username + "qz"):
        raise NotTriedError("the username check says of no name that it is free")
    names = [scene.member.username + mark for mark in INVISIBLE] + [mark * 2 for mark in INVISIBLE]
    free = [name for name in names if is_free(scene, name)]
    return open_if(bool(free), f"{len(free)} of {len(names)} are free to take")


@attack("names")
def cyrillic_usernames(scene: Scene) -> Seen:
    """A username that is somebody's in Cyrillic letters of the same look, all of them or some."""
    whole = scene.member.username
    names = [whole.translate(CYRILLIC), "х" + whole[1:]]
    free = [name for name in names if is_free(scene, name)]
    return open_if(bool(free), f"{len(free)} of {len(names)} are free to take")


@attack("names")
def invisible_display_names(scene: Scene) -> Seen:
    """A display name of which nothing is seen."""
    shown = []
    for mark in INVISIBLE:
        answer = scene.member.client.patch("/api/me", json={"display_name": mark * 3})
        if answer.status_code == 200 and set(answer.json()["display_name"]) & set(INVISIBLE):
            shown.append(f"U+{ord(mark):04X}")
    scene.member.client.patch("/api/me", json={"display_name": ""})
    return open_if(bool(shown), f"taken: {' '.join(shown)}" if shown else "none was taken")


@attack("names")
def invisible_guests(scene: Scene) -> Seen:
    """A guest of whose name nothing is seen."""
    if scene.guest:
        answer = scene.visitor().post("/api/guests", json={"display_name": "\u3164\u2800"})
    return open_if(answer.status_code == 201, code_of(answer))


@attack("names")
def invisible_rooms(scene: Scene) -> Seen:
    """A room of whose name nothing is seen."""
    answer = scene.member.client.post("/api/rooms", json={"name": "\u3164\u2800"})
    if answer.status_code == 201:
        scene.member.client.delete(f"/api/rooms/{answer.json()['id']}")
    return open_if(answer.status_code == 201, code_of(answer))
