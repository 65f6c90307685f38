"""Firefox, by Marionette: WebDriver's commands over a socket of Firefox's own, without a driver between.

https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests import servers
from tests.browser.complaints import NETWORK_WEATHER
from tests.browser.engines.window import PATIENCE_SECONDS, Driven, Refused, wait_until

# A window of a test asks nobody else anything, tells nothing at its start, and keeps its console.
PREFERENCES = {
    "marionette.port": 0,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}
# What our pages and the policy of their content have to say: a style that Firefox does not know is no failure.
CONSOLE = """
return Services.console.getMessageArray()
    .filter((said) => said instanceof Ci.nsIScriptError && !(said.flags & said.warningFlag))
    .filter((said) => said.sourceName.startsWith(arguments[0]) || said.category.includes("Content Security Policy"))
    .map((said) => `${said.category}: ${said.errorMessage} (${said.sourceName}:${said.lineNumber})`);
"""


class FirefoxWindow(Driven):
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)
        self._stream = self._socket.makefile("rb")
        self._number = 0
        self._hear()
        self.command("NewSession", capabilities={"alwaysMatch": {"unhandledPromptBehavior": "accept"}})

    def command(self, name: str, **values: Any) -> Any:
        return self._ask(f"WebDriver:{name}", values)

    def complaints(self) -> list[str]:
        self._ask("Marionette:SetContext", {"value": "chrome"})
        try:
            return [said for said in self.run(CONSOLE, "http://127.0.0.1") if not NETWORK_WEATHER.search(said)]
        finally:
            self._ask("Marionette:SetContext", {"value": "content"})

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _ask(self, name: str, values: Mapping[str, Any]) -> Any:
        self._number += 1
        text = json.dumps([0, self._number, name, values])
        self._socket.sendall(f"{len(text.encode())}:{text}".encode())
        _, _, error, value = self._hear()
        if error:
            raise Refused(f"{error['error']}: {error['message']}")
        return value["value"] if isinstance(value, dict) and "value" in value else value

    def _hear(self) -> Any:
        """Read one message: its length in bytes, a colon, and JSON."""
        length = b""
        while not length.endswith(b":"):
            read = self._stream.read(1)
            assert read, "Firefox has gone."
            length += read
        return json.loads(self._stream.read(int(length[:-1])))


@contextmanager
def window(folder: Path, env: Mapping[str, str]) -> Iterator[FirefoxWindow]:
    firefox = servers.need("firefox-esr")
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (folder / "user.js").write_text("\n".join(lines))
    flags = ["--marionette", "--remote-allow-system-access", "--no-remote", "--profile", str(folder)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen([firefox, *flags], env={**env, "HOME": str(folder)}, stdout=output, stderr=output)
    try:
        # Where it listens, once it does.
        port = folder / "MarionetteActivePort"
        wait_until("Firefox", lambda: port.exists() and port.read_text())
        with closing(FirefoxWindow(int(port.read_text()))) as found:
            found.resize(1280, 800)
            yield found
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
