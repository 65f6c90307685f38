"""What the addresses in the environment become."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.servers import PROJECT, environment

SHOW = """
import json
from chatsite import settings
names = ["DATABASES", "CACHES", "REDIS_URL", "CHANNEL_LAYERS", "METRICS_PORT", "LOGGING"]
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def read_settings(data: Path, **env: str) -> dict[str, Any]:
    command = [sys.executable, "-c", SHOW]
    full = {**environment(data, **env), "PYTHONPATH": os.fspath(PROJECT)}
    done = subprocess.run(command, env=full, cwd=PROJECT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_a_database_address_is_taken_whole(tmp_path: Path) -> None:
    address = "postgresql://chat:p%40ss%2Fw@db.example.org:5433/talk?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    settings = read_settings(tmp_path, DATABASE_URL=address, DATABASE_POOL="7")
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "talk", "chat", "p@ss/w", "db.example.org", 5433,
    ]  # fmt: skip
    assert database["OPTIONS"] == {
        "connect_timeout": 5, "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem",
        "pool": {"min_size": 2, "max_size": 7},
    }  # fmt: skip
    assert "DatabaseCache" in settings["CACHES"]["default"]["BACKEND"]


def test_several_addresses_of_redis_share_the_load(tmp_path: Path) -> None:
    urls = ["redis://:secret@one:6379/0", "rediss://two:6380/1?ssl_cert_reqs=required", "unix:///run/redis.sock"]
    settings = read_settings(tmp_path, REDIS_URL=f" {urls[0]} , {urls[1]},{urls[2]},")
    assert settings["REDIS_URL"] == urls
    layer = settings["CHANNEL_LAYERS"]["default"]
    assert (layer["BACKEND"], layer["CONFIG"]["hosts"]) == ("channels_redis.pubsub.RedisPubSubChannelLayer", urls)


def test_without_addresses_it_is_one_process_with_its_own_file(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert settings["REDIS_URL"] == []
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "chat.db")
    assert "InMemory" in settings["CHANNEL_LAYERS"]["default"]["BACKEND"]
    assert settings["METRICS_PORT"] == 0


def test_a_public_site_logs_json_and_others_do_not(tmp_path: Path) -> None:
    formats = [
        read_settings(tmp_path, SITE_URL=url)["LOGGING"]["handlers"]["console"]["formatter"]
        for url in ("https://chat.example.org", "http://chat.example.org")
    ]
    assert formats == ["json", "text"]
