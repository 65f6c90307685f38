"""What the headers of an answer let happen later, and what a request's headers make of it."""

from urllib.parse import urlsplit

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import Client
from tests.security.attack.scene import NotTriedError, Scene

PAGES = ("/rooms/", "/accounts/", "/accounts/profile/", "/accounts/email/", "/accounts/sessions/", "/accounts/data/")
DOCUMENTS = ("/api/me", "/api/rooms?scope=mine", "/api/rooms", "/api/blocks", "/_allauth/app/v1/auth/session")
FOREIGN = "elsewhere.example"


def not_kept_away(client: Client, paths: list[str]) -> list[str]:
    """Return which of these, when they are served, a browser or a proxy may keep."""
    answers = {path: client.get(path) for path in paths}
    served = {path: answer for path, answer in answers.items() if answer.status_code == 200}
    if not served:
        raise NotTriedError("nothing was served")
    return [path for path, answer in served.items() if "no-store" not in answer.headers.get("Cache-Control", "")]


@attack("headers")
def kept_documents(scene: Scene) -> Seen:
    """What only a signed-in script sees, without Cache-Control: no-store."""
    kept = not_kept_away(
        scene.member.client, [*DOCUMENTS, scene.room, f"{scene.room}/messages", f"{scene.room}/members"]
    )
    return open_if(
        bool(kept), f"may be kept: {', '.join(kept).replace(scene.room, '/api/rooms/…')}" if kept else "none"
    )


@attack("headers")
def kept_pages(scene: Scene) -> Seen:
    """What only a signed-in person sees, without Cache-Control: no-store."""
    room = scene.room.removeprefix("/api")
    kept = not_kept_away(scene.browser_of(scene.new_member()), [*PAGES, f"{room}/", f"{room}/settings/"])
    return open_if(bool(kept), f"may be kept: {', '.join(kept).replace(room, '/rooms/…')}" if kept else "none")


@attack("headers")
def foreign_host(scene: Scene) -> Seen:
    """A request for a foreign host: is it led there, or answered with its name?"""
    seen = []
    for path in ("/", "/rooms/", "/accounts/login/"):
        answer = scene.visitor().get(path, headers={"Host": FOREIGN})
        if FOREIGN in answer.headers.get("Location", "") or (answer.status_code == 200 and FOREIGN in answer.text):
            seen.append(f"{path} {answer.status_code}")
    return open_if(bool(seen), ", ".join(seen) or f"refused ({answer.status_code})")


@attack("headers")
def plain_port(scene: Scene) -> Seen:
    """A request for a foreign host at the port of plain http beside https."""
    parts = urlsplit(scene.url)
    if parts.scheme != "https":
        raise NotTriedError("the site is not on https")
    answer = Client(f"http://{parts.hostname}").get("/", headers={"Host": FOREIGN})
    where = answer.headers.get("Location", "")
    return open_if(FOREIGN in where, f"{answer.status_code} {where}")


@attack("headers")
def cookies(scene: Scene) -> Seen:
    """Cookies that another host of the domain could set or plain http would carry."""
    if urlsplit(scene.url).scheme != "https":
        raise NotTriedError("cookies without TLS cannot be better")
    browser = scene.browser_of(scene.member)
    browser.send_form("/accounts/preferences/", language="en", theme="")
    weak = [cookie.name for cookie in browser.cookies if not (cookie.secure and cookie.name.startswith("__Host-"))]
    return open_if(bool(weak), f"without Secure or __Host-: {', '.join(weak)}" if weak else "each is bound to the host")
