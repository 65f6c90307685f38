"""``chatsite.serve`` with places at which it can be told to die, and with bugs that can be planted into it.

FAULTS_ARM names a file: once it holds the name of a fail point, the process kills itself there. FAULTS_PLANT names a
bug. FAULTS_PLATTER is the folder that a power cut leaves (see disk.py).
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chatsite.serve import CommandLine
from tests.faults.disk import Disk

# Seconds in which what was let out too early gets to the others, before the process dies.
LINGER = 0.2
# Seconds between the reading of a room's head and the writing of the next row, where nothing locks the two together.
THINKING = 0.1


def may_die_at(point: str) -> None:
    armed = Path(os.environ["FAULTS_ARM"])
    try:
        if armed.read_text() == point:
            armed.unlink()
            time.sleep(LINGER)
            os.kill(os.getpid(), signal.SIGKILL)
    except FileNotFoundError:
        pass


def before(point: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def pass_by(*args: Any, **kwargs: Any) -> Any:
        may_die_at(point)
        return function(*args, **kwargs)

    return pass_by


def set_fail_points() -> None:
    from django.db import transaction

    from rooms import signals
    from rooms.actions import messages
    from rooms.realtime import consumer, writer
    from rooms.realtime.redis import pubsub

    store = messages.post_messages

    @transaction.atomic
    def store_and_stop_short(posts: Any) -> Any:
        answers = store(posts)
        may_die_at("before commit")
        return answers

    writer.post_messages = store_and_stop_short  # type: ignore[attr-defined]
    replace(signals.committed, "send", "after commit")
    replace(pubsub.PubSub, "publish", "before publish")
    replace(consumer.SocketConsumer, "answer", "before ack")


def replace(owner: Any, name: str, point: str) -> None:
    setattr(owner, name, before(point, getattr(owner, name)))


# --- Bugs ------------------------------------------------------------------------------------------------------------


def take_out_the_row_lock() -> None:
    from django.db.models import QuerySet

    from rooms.actions import post_batch

    read = post_batch._locked_rooms

    def read_and_think(posts: Any) -> Any:
        rooms = read(posts)
        # Two processes are sure to meet here: whether the bug shows is not left to luck.
        time.sleep(THINKING)
        return rooms

    post_batch._locked_rooms = read_and_think
    QuerySet.select_for_update = lambda rows, *args, **kwargs: rows  # type: ignore[method-assign]


def publish_before_commit() -> None:
    from rooms.log import append

    append.transaction = SimpleNamespace(on_commit=lambda send: send())  # type: ignore[assignment,attr-defined]


def turn_synchronous_off() -> None:
    from django.db.backends.signals import connection_created

    def turn_off(connection: Any, **kwargs: Any) -> None:
        connection.cursor().execute("PRAGMA synchronous=OFF")

    connection_created.connect(turn_off, weak=False)


def hear_no_leave() -> None:
    from rooms.realtime.fanout.subscriptions import Subscriptions

    Subscriptions.leave = lambda self, socket, room_id: None  # type: ignore[method-assign]


def lose_what_comes_while_one_enters() -> None:
    from rooms.realtime.connections.sockets import Subscription
    from rooms.realtime.fanout import log_reader

    read, go_live = log_reader.read_entry, Subscription.go_live

    def read_and_think(*where: Any) -> Any:
        entry = read(*where)
        # Something is sure to come meanwhile.
        time.sleep(THINKING)
        return entry

    def forget_and_go_live(subscription: Any, sent: int, now: float) -> None:
        subscription.backlog = []
        go_live(subscription, sent, now)

    log_reader.read_entry = read_and_think  # type: ignore[assignment]
    Subscription.go_live = forget_and_go_live  # type: ignore[assignment,method-assign]


def greet_without_pins() -> None:
    from rooms.realtime.fanout import log_reader

    log_reader.pins_of = lambda room: []  # type: ignore[attr-defined]


def leave_a_row_out_of_windows() -> None:
    from rooms.queries import message_rows

    read = message_rows.around

    def read_all_but_one(*where: Any) -> Any:
        before, after = read(*where)
        return before[1:], after

    message_rows.around = read_all_but_one  # type: ignore[assignment]


def tell_nobody_who_has_moved() -> None:
    from rooms.realtime.presence.room_moves import RoomMoves

    def announce_only(moves: Any, user_id: Any, room_id: Any, left: Any) -> None:
        for other in left:
            moves._announce(other)

    RoomMoves._tell_others = announce_only  # type: ignore[assignment,method-assign]


BUGS = {
    "no row lock": take_out_the_row_lock,
    "publish before commit": publish_before_commit,
    "synchronous off": turn_synchronous_off,
    "no leave is heard": hear_no_leave,
    "what comes while one enters is lost": lose_what_comes_while_one_enters,
    "no pins in the welcome": greet_without_pins,
    "a row left out of windows": leave_a_row_out_of_windows,
    "nobody is told who has moved": tell_nobody_who_has_moved,
}


class FaultyCommandLine(CommandLine):
    def load_asgi_app(self, asgi_app_path: str) -> Callable[..., Any]:
        application = super().load_asgi_app(asgi_app_path)
        set_fail_points()
        if bug := os.environ.get("FAULTS_PLANT"):
            BUGS[bug]()
        return application


if __name__ == "__main__":
    if platter := os.environ.get("FAULTS_PLATTER"):
        Disk(Path(platter)).install()
    FaultyCommandLine().run(sys.argv[1:])
