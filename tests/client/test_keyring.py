"""The session's token in a real keyring (GNOME's), on a bus of its own."""

import os
import subprocess
import sys
from pathlib import Path

from tests import servers
from tests.client.people import Person
from tests.scripts import PATIENCE

# Unlocks a keyring that is made for it, and ends with the bus.
SESSION = """
printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null
chatsite() { "$PYTHON" -m chatsite_cli "$@"; }
token() { "$PYTHON" -c 'import keyring; print(keyring.get_password("chatsite", "me"))'; }
echo "$PASSWORD" | chatsite login "$SITE" --user "$NAME" --password-stdin --as me
chatsite create "$NAME"
token
# In no file, but in the keyring's own, which is encrypted.
if grep -rqF --devices=skip -e "$(token)" -e "$PASSWORD" "$HOME"; then exit 9; fi
chatsite logout
token
"""


def test_a_token_is_kept_in_the_system_s_keyring_and_nowhere_else(ann: Person, tmp_path: Path) -> None:
    servers.need("gnome-keyring")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "PYTHON": sys.executable,
        "PYTHONPATH": str(servers.PROJECT / "client" / "src"), "SITE": ann.url, "NAME": ann.name,
        "PASSWORD": ann.password,
    }  # fmt: skip
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-ec", SESSION],
        env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    _, token, after = done.stdout.split()
    assert len(token) > 20
    assert after == "None"
