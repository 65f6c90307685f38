"""What a browser or a script sends, from an address of its own where the machine has several."""

import re
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

TIMEOUT = 60
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class FromAddress(HTTPAdapter):
    """Connects from one of the machine's addresses."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self.address, 0))


class Client(requests.Session):
    """Knows the site's address, keeps cookies, and is led nowhere else."""

    def __init__(self, url: str, address: str | None = None) -> None:
        super().__init__()
        self.url = url.rstrip("/")
        # Nobody's proxy or .netrc has a say in it.
        self.trust_env = False
        if address:
            for scheme in ("http://", "https://"):
                self.mount(scheme, FromAddress(address))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs = {"timeout": TIMEOUT, "allow_redirects": False, **kwargs}
        return super().request(method, f"{self.url}{url!s}", *args, **kwargs)

    def send_form(self, path: str, **fields: str) -> requests.Response:
        """Fill in the form that a page shows."""
        if found := CSRF.search(self.get(path).text):
            fields["csrfmiddlewaretoken"] = found[1]
        # Lone surrogates, too, are sent as they are.
        form = {name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}
        return self.post(path, data=form, headers={"Referer": self.url + path, "Origin": origin_of(self.url)})

    def app(self, step: str, **fields: object) -> requests.Response:
        """Ask the door for apps, which is allauth's headless one."""
        return self.post(f"/_allauth/app/v1/{step}", json=fields)

    def come_in_by(self, answer: requests.Response) -> bool:
        """Be whom this answer of the apps' door signs in, if it does."""
        token = answer.json().get("meta", {}).get("session_token") if answer.status_code == 200 else None
        if token:
            self.headers["X-Session-Token"] = token
        return bool(token)

    @property
    def token(self) -> str:
        return str(self.headers.get("X-Session-Token", ""))


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def code_of(answer: requests.Response) -> str:
    """Status and, of a refusal in JSON, its code."""
    try:
        body = answer.json()
    except ValueError:
        return str(answer.status_code)
    code = body.get("code") or next((error.get("code") for error in body.get("errors", [])), "")
    return f"{answer.status_code} {code}".strip()
