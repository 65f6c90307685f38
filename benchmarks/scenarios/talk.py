"""People in one room who talk: fan-out, the time that a message takes, and posts, over sockets and HTTP."""

from dataclasses import dataclass

from benchmarks.stage import Row, Stage, handshakes

ROOM = ("Chatsite", "Chatsite on plain daphne", "tutorial, pub/sub", "Flask-SocketIO")
STORED = ("Chatsite", "tutorial, pub/sub, ORM", "Flask-SocketIO, sqlite3")


@dataclass(frozen=True)
class Talk:
    contenders: tuple[str, ...]
    sockets: int
    senders: int
    # Messages a second in all; 0: each sender waits for its last one.
    rate: float = 0
    seconds: float = 3
    rounds: int = 3
    by_http: bool = False

    def measure(self, contender: str, stage: Stage) -> Row:
        with stage.serve(contender) as running:
            posters = self.senders if self.by_http else 0
            text = handshakes(running[0], self.sockets, posters=posters)
            row = stage.load(running, text, senders=self.senders, seconds=self.seconds, rate=self.rate)
        if row.get("delivered"):
            row["bytes_per_delivery"] = row["bytes"] / row["delivered"]
            row["frames_per_delivery"] = row["frames"] / row["delivered"]
            row["posts_per_second"] = row["per_second"] / row["receivers"]
        return row


SCENARIOS = {
    "fan-out-100": Talk(ROOM, 100, 10),
    "fan-out-500": Talk((*ROOM, "Chatsite on uvicorn", "tutorial, core layer", "tutorial, in memory"), 500, 10),
    "fan-out-1000": Talk(ROOM, 1000, 10),
    "latency": Talk(ROOM, 100, 10, rate=20, seconds=8, rounds=2),
    # One more who only listens, and talks to nobody.
    "posts-1": Talk(STORED, 2, 1),
    "posts-16": Talk(STORED, 17, 16),
    "posts-64": Talk(STORED, 65, 64),
    "http-posts-1": Talk(("Chatsite",), 2, 1, by_http=True, rounds=2),
    "http-posts-16": Talk(("Chatsite",), 17, 16, by_http=True, rounds=2),
    "http-posts-64": Talk(("Chatsite",), 65, 64, by_http=True, rounds=2),
}
