"""Two people who talk in one room, on two processes."""

from tests.cluster import Cluster
from tests.scripts import Script


class Talk:
    """A room with alice on the first process and bob on the second."""

    number = 0

    def __init__(self, running: Cluster) -> None:
        Talk.number += 1
        first, second = (site.url for site in running.sites)
        self.alice = Script(first, f"alice{Talk.number}")
        self.bob = Script(second, f"bob{Talk.number}")
        self.room: str = self.alice.call("POST", "/api/rooms", {"name": f"Room {Talk.number}"})["id"]
        self.bob.call("POST", f"/api/rooms/{self.room}/join", {})
