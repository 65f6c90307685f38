"""A room of Flask-SocketIO on gevent, as its documentation has it: whoever connects is in it, a message goes to all.

``SAVE=1`` stores each message first with plain sqlite3 in WAL, on one connection: no accounts, no membership, no order
of its own. Run as a module, with ``-b HOST -p PORT`` as daphne has them.
"""

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402 (after the patch)
import os  # noqa: E402
import sqlite3  # noqa: E402
from pathlib import Path  # noqa: E402

from flask import Flask  # noqa: E402
from flask_socketio import SocketIO, emit, join_room  # noqa: E402

ROOM = "load"

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent")
store = None
if os.environ.get("SAVE"):
    store = sqlite3.connect(Path(os.environ["FOLDER"]) / "flask.db", isolation_level=None)
    store.execute("PRAGMA journal_mode=WAL")
    store.execute("PRAGMA synchronous=FULL")
    store.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, room TEXT, body TEXT, created_at TEXT)")


@socketio.on("connect")
def enter() -> None:
    join_room(ROOM)


@socketio.on("chat")
def say(data: dict[str, str]) -> None:
    if store is not None:
        store.execute("INSERT INTO message (room, body, created_at) VALUES (?, ?, datetime())", (ROOM, data["message"]))
    emit("chat", data, to=ROOM)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-b", dest="host")
    parser.add_argument("-p", dest="port", type=int)
    chosen = parser.parse_args()
    socketio.run(app, host=chosen.host, port=chosen.port)
