"""WebKit, which is Safari's engine, as WebKitGTK has it: WebDriver's commands over HTTP."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests

from tests import servers
from tests.browser.complaints import NETWORK_WEATHER
from tests.browser.engines.window import PATIENCE_SECONDS, Driven, Refused, wait_until
from tests.servers.processes import free_port

APPLICATION = Path(__file__).with_name("webkit_application.py")
# Method and address of each command; what stands in braces is one of its values.
PATHS = {
    "Navigate": "url",
    "Back": "back",
    "SetWindowRect": "window/rect",
    "FindElement": "element",
    "ElementClick": "element/{id}/click",
    "ElementSendKeys": "element/{id}/value",
    "ExecuteScript": "execute/sync",
}
# What it says of parts of the standards that it does not have, of a page that is kept for Back, and of a request whose
# page has gone.
HARMLESS = ("manifest-src", "interactive-widget", "closed due to suspension", "due to access control checks")


class WebKitWindow(Driven):
    def __init__(self, address: str, console: Path) -> None:
        self._console = console
        # A session of its own: no proxy of the environment stands between.
        self._http = requests.Session()
        self._http.trust_env = False
        options = {"binary": str(APPLICATION), "args": [str(console)]}
        capabilities = {"webkitgtk:browserOptions": options, "unhandledPromptBehavior": "accept"}
        asked = {"capabilities": {"alwaysMatch": capabilities}}
        self._session = f"{address}/session"
        self._session += "/" + self._post(self._session, asked)["sessionId"]

    def command(self, name: str, **values: Any) -> Any:
        return self._post(f"{self._session}/{PATHS[name].format(**values)}", values)

    def complaints(self) -> list[str]:
        lines = self._console.read_text(errors="replace").splitlines()
        errors = [line for line in lines if " ERROR " in line and not NETWORK_WEATHER.search(line)]
        return [line for line in errors if not any(words in line for words in HARMLESS)]

    def close(self) -> None:
        self._http.delete(self._session, timeout=PATIENCE_SECONDS)
        self._http.close()

    def _post(self, url: str, values: Mapping[str, Any]) -> Any:
        answer = self._http.post(url, json=values, timeout=PATIENCE_SECONDS)
        value = answer.json()["value"]
        if not answer.ok:
            raise Refused(f"{value['error']}: {value['message']}")
        return value


@contextmanager
def window(folder: Path, env: Mapping[str, str]) -> Iterator[WebKitWindow]:
    driver = servers.need("webkit2gtk-driver")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [driver, f"--port={port}", "--host=127.0.0.1"],
            env={**env, "HOME": str(folder), "XDG_CACHE_HOME": str(folder), "XDG_DATA_HOME": str(folder)},
            stdout=output, stderr=output,
        )  # fmt: skip
    try:
        wait_until("WebKit's driver", lambda: listens(address))
        with closing(WebKitWindow(address, folder / "console")) as found:
            found.resize(1280, 800)
            yield found
    finally:
        process.terminate()
        process.wait(20)


def listens(address: str) -> bool:
    try:
        with requests.Session() as session:
            session.trust_env = False
            return session.get(f"{address}/status", timeout=PATIENCE_SECONDS).ok
    except requests.ConnectionError:
        return False
