"""Files that people send from their browsers."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.rooms import say

MB = 1024 * 1024
TRAY = ".tray-item"
SENT = "#transcript .log .file"
ON_THE_WAY = "#transcript .uploads .entry"
# What no system of its own is asked: browsers that cannot ask where to save, save by themselves.
WITHOUT_PICKER = "() => { delete window.showSaveFilePicker; }"
# Where the parts of a file go.
PARTS = re.compile(r"/api/(?:v1/)?rooms/[^/]+/files/[^/]+$")


def choose(page: Page, *files: Path) -> None:
    page.set_input_files("[data-target=fileField]", files)


def send(page: Page, *files: Path, caption: str = "") -> None:
    choose(page, *files)
    expect(page.locator(TRAY)).to_have_count(len(files))
    say(page, caption)


def saved(page: Page, name: str) -> bytes:
    """What a click on the file's "Save" brings, where the browser does not ask where to."""
    page.evaluate(WITHOUT_PICKER)
    with page.expect_download() as download:
        page.locator(".file-card", has_text=name).locator(".file-save").last.click()
    return download.value.path().read_bytes()
