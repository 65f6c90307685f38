"""Telling somebody who looks elsewhere, where they have asked for it: a bell, and the desktop's notifications."""

import asyncio
import os
import shutil
from contextlib import suppress

from chatsite_client import safe

BELL = "\a"
PROGRAM = "notify-send"
SECONDS = 5.0


def sequence(words: str) -> str:
    """Return what makes a terminal notify (OSC 9: iTerm2, kitty, WezTerm, foot, ghostty, Windows Terminal)."""
    return in_tmux(f"\x1b]9;{safe.line(words, 200)}\x1b\\")


def in_tmux(escape: str) -> str:
    """Return a sequence as tmux hands it on to the terminal around it, where its `allow-passthrough` is on."""
    return "\x1bPtmux;" + escape.replace("\x1b", "\x1b\x1b") + "\x1b\\" if os.environ.get("TMUX") else escape


def has_desktop() -> bool:
    """Whether this machine shows notifications itself. Over SSH the terminal is on another one."""
    on_screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(on_screen and not os.environ.get("SSH_CONNECTION") and shutil.which(PROGRAM))


async def on_desktop(words: str) -> None:
    with suppress(OSError, TimeoutError):
        program = await asyncio.create_subprocess_exec(
            PROGRAM, "--app-name=Chatsite", "--", "Chatsite", safe.line(words, 200),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(SECONDS):
            await program.wait()
