"""What a page says by itself reaches a screen reader."""

import re
from pathlib import Path

from tests.servers import PROJECT

ALERT = re.compile(r"<[^>]*\brole=\"alert\"[^>]*>")


def test_what_is_wrong_is_read_out_in_firefox_too() -> None:
    """With Firefox the screen reader Orca is silent about ``role="alert"`` that has no ``aria-live`` beside it."""
    alerts = {
        f"{path.relative_to(PROJECT)}: {tag}"
        for path in Path(PROJECT, "templates").rglob("*.html")
        for tag in ALERT.findall(path.read_text(encoding="utf-8"))
    }
    assert alerts
    assert {alert for alert in alerts if 'aria-live="assertive"' not in alert} == set()
