"""``chatsite.serve`` that loses patience with slow clients in seconds, and counts in a file what it keeps for them.

SECURITY_HELD names the file: bytes, the most since the start and now.
"""

import os
import sys
from pathlib import Path
from typing import Any

from chatsite import serve

PATIENCE = 3.0


class CountingServer(serve.Server):
    most = 0

    def application_checker(self) -> None:
        """Called once a second."""
        super().application_checker()
        now = sum(map(kept_for, self.connections)) + waiting_in_the_hub()
        self.most = max(self.most, now)
        file = Path(os.environ["SECURITY_HELD"])
        file.with_suffix(".new").write_text(f"{self.most} {now}")
        file.with_suffix(".new").rename(file)


def kept_for(protocol: Any) -> int:
    """Of what was sent to a connection, what its transport keeps: parts of a buffer that are gone stay with it."""
    return len(protocol.transport.dataBuffer) + int(protocol.transport._tempDataLen)


def waiting_in_the_hub() -> int:
    from rooms.realtime import lifecycle

    sockets = [socket for hub in lifecycle.hubs() for socket in hub.registry.all()]
    return sum(len(event.encode()) for socket in sockets for event in socket._pending)


class CommandLine(serve.CommandLine):
    server_class = CountingServer

    def load_asgi_app(self, asgi_app_path: str) -> Any:
        application = super().load_asgi_app(asgi_app_path)
        from rooms.realtime.connections import backpressure

        backpressure.STALLED_AFTER = PATIENCE
        return application


if __name__ == "__main__":
    CommandLine().run(sys.argv[1:])
