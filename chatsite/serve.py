"""daphne's own command line with our Server, which says good-bye before it goes.

``python -m chatsite.serve -b 127.0.0.1 -p 8000 chatsite.asgi:application`` takes all of daphne's flags.
"""

import asyncio
import errno
import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

# daphne.server installs Twisted's asyncio reactor: nothing of Twisted may be imported before it.
from daphne import server as daphne_server
from daphne.cli import CommandLineInterface
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
from twisted.python.failure import Failure

from chatsite.server import http_backpressure, watchdog
from chatsite.server.frame_writer import EXTENSION, FrameWriter
from chatsite.server.rfc6455 import DENIAL_EXTENSION, VERSION
from chatsite.server.timers import TimedServer
from chatsite.server.websockets import Inbox, share_options

logger = logging.getLogger(__name__)

# A client's frame may hold 64 KiB of JSON, with a little room to spare; daphne closes a longer one with 1009.
FRAME_MAX_BYTES = 66 * 1024
# A closed laptop closes no connection. A client that is quiet for the interval is pinged, and cut if nothing comes;
# each is noticed up to a second late. With presence's grace and its batches that is under 30 s in all. The hub's `head`
# events, which come as often, bring most of the pings along.
PING_INTERVAL = 12
PING_TIMEOUT = 8
# Seconds that the event loop waits at most while another thread computes: Python's default of 5 ms would be felt.
SWITCH_SECONDS = 0.001
# Seconds that the parts of a shutdown may take, and after which the process ends anyhow.
DRAIN_SECONDS = 5
FINISH_SECONDS = 2
CANCEL_SECONDS = 1
EXIT_SECONDS = 9


daphne_server.HTTPFactory = http_backpressure.Factory


class Server(TimedServer):
    """Stops listening, lets the hub say good-bye, lets requests finish, and only then cancels what still runs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ports: list[Any] = []

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if scope["type"] != "websocket":
            scope["extensions"] = {http_backpressure.EXTENSION: http_backpressure.Backpressure(protocol)}
            inbox = super().create_application(protocol, scope)
            self.notice_the_end(protocol)
            return inbox
        # As daphne does it, but for the extension and the inbox.
        extensions = {EXTENSION: FrameWriter(protocol), DENIAL_EXTENSION: {}}
        scope |= {"asgi": {"version": "3.0"}, "extensions": extensions}
        inbox = Inbox(protocol.transport)
        application = self.application(scope=scope, receive=inbox.get, send=partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(application)
        self.notice_the_end(protocol)
        return inbox

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        # Close with the reason (1009: too long) rather than hang up (1006), at which a client would just come back.
        self.ws_factory.setProtocolOptions(failByDrop=False, versions=[int(VERSION)])
        share_options(self.ws_factory)
        super().listen_success(port)
        if len(self.ports) == len(self.endpoints):
            watchdog.notify("READY=1")
            watchdog.feed_from(daphne_server.reactor.callLater)

    def listen_error(self, failure: Failure) -> None:
        print(why_it_cannot_listen(failure), file=sys.stderr)
        self.stop()

    def kill_all_applications(self) -> Deferred[None]:
        """Twisted waits for this before it stops; daphne's own would cut everybody off at once."""
        return Deferred.fromFuture(asyncio.ensure_future(self.shut_down()))

    async def shut_down(self) -> None:
        exit_anyhow_after(EXIT_SECONDS)
        exit_at_the_next_signal()
        watchdog.notify("STOPPING=1")
        say_that_it_stops()
        for port in self.ports:
            port.stopListening()
        await drain()
        await self.end_applications()

    async def end_applications(self) -> None:
        running = {task for details in self.connections.values() if (task := details.get("application_instance"))}
        if running:
            _, running = await asyncio.wait(running, timeout=FINISH_SECONDS)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=CANCEL_SECONDS)


async def drain() -> None:
    """Let the hub tell everybody who is connected to come back soon, and the writer finish what it holds."""
    try:
        # Late, because it needs the apps, which are loaded with the application.
        from rooms.realtime import lifecycle

        await asyncio.wait_for(lifecycle.drain(), DRAIN_SECONDS)
    except Exception:
        # The server has to stop whatever happens; unsent posts are in the browsers' outboxes.
        logger.exception("Could not say good-bye to everybody.")


def say_that_it_stops() -> None:
    """Let ``/readyz`` answer that this process is about to stop, on connections that are open already."""
    # Late, because it needs the settings, which are read with the application.
    from chatsite.ops.health import Readiness

    Readiness.draining = True


def exit_at_the_next_signal() -> None:
    """Stop at once at the second signal."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(1))


def exit_anyhow_after(seconds: float) -> None:
    """End the process even if one of its threads hangs: what was acknowledged is in the database already."""
    timer = threading.Timer(seconds, os._exit, args=(1,))
    timer.daemon = True
    timer.start()


def why_it_cannot_listen(failure: Failure) -> str:
    error = failure.value
    if not isinstance(error, CannotListenError):
        return f"The server cannot listen: {failure.getErrorMessage()}."
    address = f"{error.interface}:{error.port}" if error.interface else str(error.port)
    if getattr(error.socketError, "errno", None) == errno.EADDRINUSE:
        return (
            f"The server cannot listen on {address}, which another program uses: stop that one, or choose another port."
        )
    return f"The server cannot listen on {address}: {error.socketError}."


class CommandLine(CommandLineInterface):
    """daphne's flags, quiet unless asked, and with room for no longer frames than ours."""

    description = "Serve Chatsite"
    server_class = Server

    def __init__(self) -> None:
        super().__init__()
        self.parser.prog = "python -m chatsite.serve"
        self.parser.set_defaults(
            verbosity=0,
            server_name="",
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            websocket_max_message_size=FRAME_MAX_BYTES,
            websocket_max_frame_size=FRAME_MAX_BYTES,
        )

    def load_asgi_app(self, asgi_app_path: str) -> Callable[..., Any]:
        # Late, because the settings are read here.
        from chatsite import startup

        with startup.in_plain_words():
            startup.load_settings()
        application: Callable[..., Any] = super().load_asgi_app(asgi_app_path)
        from chatsite.checks import serious_problems, settings_have_their_names

        if problems := serious_problems():
            sys.exit("\n".join(problems))
        for message in settings_have_their_names():
            logger.warning(message.msg)
        serve_metrics()
        keep_pauses_short()
        return application


def keep_pauses_short() -> None:
    """Shorten what a message may wait for: the garbage collector's full round, and another thread that computes."""
    # What was loaded stays for good. Looking through it for garbage takes tens of milliseconds.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)


def serve_metrics() -> None:
    from django.conf import settings

    from chatsite.ops import metrics

    try:
        metrics.serve()
    except OSError as error:
        address = f"{settings.METRICS_HOST}:{settings.METRICS_PORT}"
        sys.exit(f"The metrics cannot be served on {address} ({error.strerror}): choose another METRICS_PORT.")


def main(arguments: Sequence[str] | None = None) -> None:
    # By SIGABRT systemd ends a process whose event loop hangs: where it hung goes into the log.
    faulthandler.enable()
    CommandLine().run(sys.argv[1:] if arguments is None else list(arguments))


if __name__ == "__main__":
    main()
