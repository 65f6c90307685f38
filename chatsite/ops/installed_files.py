"""The files of deploy/ that stand elsewhere on a server: units and nginx's, compared with those of a version."""

import difflib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from chatsite import ready

ETC = Path(os.environ.get("CHATSITE_ETC", "/etc"))
# In deploy/nginx, for the host's own.
EXAMPLE_HOST = "chat.example.org"


def targets(version: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each file of the version that a server has a copy of, and where."""
    for source in sorted((version / "deploy" / "systemd").iterdir()):
        yield source, ETC / "systemd" / "system" / source.name
    yield version / "deploy" / "nginx" / "chatsite.conf", ETC / "nginx" / "conf.d" / "chatsite.conf"
    yield version / "deploy" / "nginx" / "locations.conf", ETC / "nginx" / "chatsite-locations.conf"
    yield version / "deploy" / "nginx" / "down.html", ETC / "nginx" / "chatsite-down.html"


def text_for(source: Path) -> str:
    """Return the file as it is for this site's host."""
    return source.read_text().replace(EXAMPLE_HOST, urlsplit(ready.site_url()).hostname or EXAMPLE_HOST)


def compare(old: Path, new: Path, *, replace: bool, systemctl: str) -> None:
    """Tell which installed files are not those of the new version, or put those in their place.

    One that the operator changed is never replaced: it differs from the old version's too.
    """
    shipped = {target: text_for(source) for source, target in targets(old)}
    replaced = []
    for source, target in targets(new):
        # Whoever has another proxy, or no timers, has no such file.
        if not target.exists() or target.read_text() == text_for(source):
            continue
        is_own = target.read_text() != shipped.get(target)
        if replace and not is_own:
            target.write_text(text_for(source))
            replaced.append(target)
            print(f"{target} was replaced.", flush=True)
            continue
        whose = "you changed it; merge by hand" if is_own else "--replace puts it there"
        print(f"{target} is not that of the new version ({whose}):", flush=True)
        sys.stdout.writelines(
            difflib.unified_diff(lines(target.read_text()), lines(text_for(source)), str(target), "new")
        )
    if any(ETC / "systemd" in target.parents for target in replaced):
        subprocess.run([systemctl, "daemon-reload"], check=False)
    if any(ETC / "nginx" in target.parents for target in replaced):
        if subprocess.run(["nginx", "-t", "-q"], check=False).returncode == 0:
            subprocess.run([systemctl, "reload", "nginx"], check=False)
        else:
            print("nginx does not take its new files and runs on with the old ones: see above.", file=sys.stderr)


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
