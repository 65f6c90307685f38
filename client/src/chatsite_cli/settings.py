"""How somebody likes the program: one small file beside the accounts."""

import json
from contextlib import suppress
from pathlib import Path

from chatsite_client import ChatsiteError

from chatsite_cli.config import write_private

CHOICES = {"bell": ("off", "on"), "notify": ("off", "on"), "mouse": ("on", "off"), "theme": ("auto", "dark", "light")}


class Settings:
    """``bell`` and ``notify`` ring and notify of what is new elsewhere; the first of ``CHOICES`` is the default."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "settings.json"
        self._chosen: dict[str, str] = {}
        # Who cannot read it has the defaults: no reason not to talk.
        with suppress(OSError, ValueError, AttributeError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._chosen = {name: value for name, value in kept.items() if value in CHOICES.get(name, ())}

    def __getitem__(self, name: str) -> str:
        return self._chosen.get(name, CHOICES[name][0])

    def is_on(self, name: str) -> bool:
        return self[name] == "on"

    def shown(self) -> dict[str, str]:
        return {name: self[name] for name in CHOICES}

    def change(self, name: str, value: str) -> None:
        """Raises ChatsiteError where there is no such choice, OSError where it cannot be kept."""
        if name not in CHOICES:
            raise ChatsiteError(f"There are these settings: {', '.join(CHOICES)}. Say: /set bell on")
        if value not in CHOICES[name]:
            raise ChatsiteError(f"{name} may be {' or '.join(CHOICES[name])}. Say: /set {name} {CHOICES[name][1]}")
        self._chosen[name] = value
        write_private(self._path, json.dumps(self._chosen))
