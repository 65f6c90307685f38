"""The screen reader Orca, on a display and a message bus of their own, and what it speaks.

Of Debian: ``orca at-spi2-core dbus xvfb openbox libglib2.0-bin chromium``.
"""

import re
import shutil
import subprocess
import time
from pathlib import Path

from tests.browser.display import Display

PROGRAMS = ("orca", "Xvfb", "openbox", "dbus-daemon", "gsettings", "chromium")
BUS_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--force-renderer-accessibility"]
# Without a sound card its speech would hang. Its log is read while it is written.
CUSTOMIZATIONS = """
import orca.debug, orca.speech
orca.speech.init = lambda: None
write = orca.debug.println
def println(*arguments, **options):
    write(*arguments, **options)
    if orca.debug.debugFile:
        orca.debug.debugFile.flush()
orca.debug.println = println
"""
SPOKEN = re.compile(r"SPEECH OUTPUT: '(.*?)'(?:\{[^\n]*)?\n", re.DOTALL)
# Orca has said all that it has to say about something when it says nothing for so long.
QUIET_SECONDS = 8
LONGEST_SECONDS = 120


def missing() -> list[str]:
    return [name for name in PROGRAMS if not shutil.which(name)]


class Desk(Display):
    """A display with a bus, on which a browser and Orca run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read_to = 0
        for name in ("config", "data", "cache", "run", "orca"):
            (folder / name).mkdir(mode=0o700)
        (folder / "orca" / "orca-customizations.py").write_text(CUSTOMIZATIONS)
        super().__init__(folder)
        self.env |= {
            "XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"), "XDG_RUNTIME_DIR": str(folder / "run"),
            "GNOME_ACCESSIBILITY": "1", "GTK_MODULES": "gail:atk-bridge",
        }  # fmt: skip
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self.answer_of(
            "dbus-daemon", "--session", "--nofork", "--print-address=1"
        )
        switch = ["gsettings", "set", "org.gnome.desktop.interface", "toolkit-accessibility", "true"]
        subprocess.run(switch, env=self.env, stderr=subprocess.DEVNULL, check=True)
        self.start(BUS_LAUNCHER, "--launch-immediately")

    def start_orca(self) -> None:
        folder = str(self._folder / "orca")
        self.start("orca", "--user-prefs-dir", folder, "--debug-file", str(self._log), "--disable", "braille")

    def spoken(self) -> list[str]:
        """Wait until Orca is silent, and return what it has spoken since the last call."""
        began = changed = time.monotonic()
        size = -1
        while time.monotonic() - changed < QUIET_SECONDS and time.monotonic() - began < LONGEST_SECONDS:
            now = len(SPOKEN.findall(self._read()))
            if now != size:
                size, changed = now, time.monotonic()
            time.sleep(0.2)
        text = self._read()
        self._read_to += len(text)
        return [" ".join(words.split()) for words in SPOKEN.findall(text)]

    @property
    def _log(self) -> Path:
        return self._folder / "orca.log"

    def _read(self) -> str:
        return self._log.read_text(errors="replace")[self._read_to :] if self._log.exists() else ""
