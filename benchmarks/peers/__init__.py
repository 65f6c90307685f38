"""Who is loaded. Nothing is imported here: each peer's own Python passes through."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """A server: the module that is run with ``-b HOST -p PORT``, and the language of its sockets (load/load.c)."""

    name: str
    module: str
    application: str = ""
    speaks: str = "chatsite"
    env: dict[str, str] = field(default_factory=dict)
    needs_redis: bool = False
    # In the environment of requirements.txt beside this, not in the site's.
    is_foreign: bool = False
    # Served from the checkout of an earlier commit (``--before``).
    is_before: bool = False

    @property
    def is_chatsite(self) -> bool:
        return self.speaks == "chatsite"


SITE = "chatsite.asgi:application"
BEFORE = "Chatsite before"
TUTORIAL = "benchmarks.peers.tutorial:application"
FLASK = "benchmarks.peers.flask_socketio_chat"
PEERS = {
    peer.name: peer
    for peer in (
        Peer("Chatsite", "chatsite.serve", SITE),
        Peer(BEFORE, "chatsite.serve", SITE, is_before=True),
        Peer("Chatsite on plain daphne", "daphne", SITE),
        Peer("Chatsite on uvicorn", "benchmarks.peers.on_uvicorn", SITE),
        Peer("tutorial, in memory", "daphne", TUTORIAL, "tutorial", {"LAYER": "memory"}),
        Peer("tutorial, core layer", "daphne", TUTORIAL, "tutorial", {"LAYER": "core"}, needs_redis=True),
        Peer("tutorial, pub/sub", "daphne", TUTORIAL, "tutorial", {"LAYER": "pubsub"}, needs_redis=True),
        Peer("tutorial, pub/sub, ORM", "daphne", TUTORIAL, "tutorial", {"LAYER": "pubsub", "SAVE": "1"}, True),
        Peer("Flask-SocketIO", FLASK, speaks="socketio", is_foreign=True),
        Peer("Flask-SocketIO, sqlite3", FLASK, speaks="socketio", env={"SAVE": "1"}, is_foreign=True),
        Peer("raw daphne", "daphne", "benchmarks.peers.raw:application", "tutorial"),
        Peer("the plain view", "daphne", "benchmarks.peers.plain_view:application", "http"),
        Peer("the cheapest view", "daphne", "benchmarks.peers.cheapest_view:application"),
    )
}
