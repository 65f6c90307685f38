"""The site's secret key, for a site whose environment sets none."""

import os
import secrets
from pathlib import Path


def read_or_make(folder: Path) -> str:
    """Return the key kept in ``folder``, making it on first use, readable by its owner alone."""
    path = folder / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    # Written aside and linked into place: of two processes that start together, both read the same whole key.
    draft = folder / f"secret_key.{os.getpid()}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(64))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
