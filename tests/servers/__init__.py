"""Real servers for the tests, each on a free port of this machine and in a temporary folder.

``python -m tests.servers postgres -- <command>`` runs a command with DATABASE_URL naming a throw-away PostgreSQL;
``missing`` says which programs the tests lack, ``has <program>`` answers by its exit code.
"""

from tests.servers.postgresql import Postgres, postgres
from tests.servers.prepared import environment, manage, prepared_folder
from tests.servers.processes import HOST, PROJECT, START_SECONDS, Server, free_port, temporary_folder, wait_until
from tests.servers.programs import find, need, skip
from tests.servers.redis_server import Redis, RedisWithTLS, redis
from tests.servers.sites import PROGRAMS, Site, site

__all__ = [
    "HOST", "PROGRAMS", "PROJECT", "START_SECONDS", "Postgres", "Redis", "RedisWithTLS", "Server", "Site",
    "environment", "find", "free_port", "manage", "need", "postgres", "prepared_folder", "redis", "site", "skip",
    "temporary_folder", "wait_until",
]  # fmt: skip
