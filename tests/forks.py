"""A process that has the site's libraries loaded and forks at each request, which ``tests.servers.forked`` sends.

``python -m tests.forks FD`` reads them from this socket: a JSON object each, with the files for standard output and
error. It answers with the fork's process id. The fork runs a module's main program, as ``python -m`` does.
"""

import gc
import importlib
import json
import os
import runpy
import socket
import sys
from typing import Any

# What asks for no settings and installs no Twisted reactor: both are the fork's own, as is the site's code.
LIBRARIES = (
    "PIL.Image", "argon2", "autobahn.twisted.websocket", "channels.generic.websocket", "channels.routing",
    "channels_redis.pubsub", "django.contrib.admin.options", "django.core.management", "django.test",
    "django.db.backends.sqlite3.base", "django.views.generic", "environ", "prometheus_client", "psycopg", "pydantic",
    "redis.asyncio", "regex", "servestatic", "twisted.internet.asyncioreactor", "twisted.web.http",
)  # fmt: skip
REQUEST_BYTES = 256 * 1024


def next_request(line: socket.socket) -> dict[str, Any]:
    """Fork at each request, and return in the fork alone; exit when nobody asks any more."""
    while True:
        request, files, _, _ = socket.recv_fds(line, REQUEST_BYTES, 2)
        if not request:
            sys.exit()
        pid_out, pid_in = os.pipe()
        if not (parent := os.fork()):
            break
        # The fork's parent ends at once, so that the fork becomes the asker's child; only then is it told.
        os.waitpid(parent, 0)
        line.send(os.read(pid_out, 4))
        for file in (*files, pid_out, pid_in):
            os.close(file)
    if pid := os.fork():
        os.write(pid_in, pid.to_bytes(4, "big"))
        os._exit(0)
    for number, file in enumerate(files, start=1):
        os.dup2(file, number)
    for file in (*files, pid_out, pid_in):
        os.close(file)
    line.close()
    return json.loads(request)


def main(descriptor: str) -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    # What the collector leaves alone stays shared between the forks.
    gc.collect()
    gc.freeze()
    request = next_request(socket.socket(fileno=int(descriptor)))
    os.environ.clear()
    os.environ.update(request["env"])
    module, *sys.argv[1:] = request["command"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1])
