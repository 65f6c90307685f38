"""A whole cluster on this machine: PostgreSQL, Redis, several daphne processes, and nginx before them.

``make cluster`` (``python -m tests.cluster``) starts one for trying out, and stops it with Ctrl-C.
"""

import os
import re
import shutil
import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import servers

DEPLOYED = servers.PROJECT / "deploy" / "nginx"
# How nginx judges a process, as deployed.
[JUDGED] = set(re.findall(r"\d\.sock (.*);", (DEPLOYED / "chatsite.conf").read_text()))
# As Debian has it, where root starts nginx.
WORKER = "www-data"
# What deploy/nginx/chatsite.conf says, without TLS, and with every path in a temporary folder.
NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream chatsite {{ least_conn; {upstreams} }}
    server {{
        listen {host}:{port};
        include {folder}/locations.conf;
    }}
}}
"""


class Nginx(servers.Server):
    def __init__(self, program: Path, folder: Path, ports: Sequence[int], *, files: Path | None = None) -> None:
        """``files``: the site's folder of files, which its workers, as on a server, may read by their group alone."""
        port = servers.free_port()
        config = folder / "nginx.conf"
        upstreams = " ".join(f"server {servers.HOST}:{each} {JUDGED};" for each in ports)
        user = f"user {WORKER};" if os.geteuid() == 0 else ""
        config.write_text(NGINX.format(folder=folder, upstreams=upstreams, host=servers.HOST, port=port, user=user))
        self.maintenance = folder / "maintenance"
        locations = (DEPLOYED / "locations.conf").read_text()
        for deployed, here in {
            "/run/chatsite/maintenance": self.maintenance,
            "root /etc/nginx;": f"root {folder};",
            "/var/lib/chatsite/files/": f"{files or folder}/",
        }.items():
            assert deployed in locations
            locations = locations.replace(deployed, str(here))
        (folder / "locations.conf").write_text(locations)
        shutil.copy(DEPLOYED / "down.html", folder / "chatsite-down.html")
        super().__init__([program, "-e", "stderr", "-c", config], port=port, folder=folder)
        self.url = f"http://{servers.HOST}:{port}"


@dataclass(frozen=True, slots=True)
class Cluster:
    """``url`` is nginx's; each of ``sites`` may be stopped, killed and started again by itself."""

    postgres: servers.Postgres
    redis: servers.Redis
    sites: list[servers.Site]
    nginx: Nginx | None

    @property
    def url(self) -> str:
        return self.nginx.url if self.nginx else self.sites[0].url


@contextmanager
def cluster(processes: int = 2, *, nginx: bool = True, **env: str) -> Iterator[Cluster]:
    """Start one; ``env`` is set for each process beside what a cluster needs."""
    with ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres())
        redis = stack.enter_context(servers.redis())
        data = stack.enter_context(servers.temporary_folder("cluster"))
        settings = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "SECRET_KEY": "of the cluster " * 5}
        settings |= {"ALLOWED_HOSTS": servers.HOST, **env}
        sites = [stack.enter_context(servers.site(data, settings)) for _ in range(processes)]
        front = None
        if nginx:
            front = Nginx(servers.need("nginx"), data, [site.port for site in sites])
            front.start()
            stack.callback(front.stop)
        yield Cluster(postgres, redis, sites, front)


def main() -> None:
    with cluster() as running:
        link = running.sites[0].manage("first_admin_link").strip().split("/setup/")[-1]
        print(
            f"The cluster is at {running.url} (Ctrl-C stops it); its site admin is made at {running.url}/setup/{link}"
        )
        for site in running.sites:
            print(f"  daphne at {site.url}")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
