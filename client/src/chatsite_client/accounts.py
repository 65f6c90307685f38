"""Signing in, up and out: allauth's app client, and guests of the API."""

from dataclasses import dataclass
from typing import Any

import httpx

from chatsite_client.errors import ChatsiteError, Refused
from chatsite_client.transport import Transport, refusal_of

AUTH = "/_allauth/app/v1/auth"
# By which the site knows this program's machine again: strangers' wrong guesses then do not slow it down.
DEVICE_COOKIES = ("__Host-device", "device")


class NotYet(ChatsiteError):
    """The site wants something done before it lets one in; ``flows`` names what."""

    code = "not_yet"

    def __init__(self, detail: str, flows: list[str]) -> None:
        super().__init__(detail)
        self.flows = flows


@dataclass(frozen=True)
class Entrance:
    """Signed in: keep ``token`` as one keeps a password, and ``device`` for the next time."""

    token: str
    device: str | None = None


async def sign_in(transport: Transport, name: str, password: str, *, device: str | None = None) -> Entrance:
    """Sign in by username or email address. Raises Refused (wrong, too often) and NotYet."""
    field = "email" if "@" in name else "username"
    return await _enter(transport, f"{AUTH}/login", {field: name, "password": password}, device)


async def sign_up(transport: Transport, username: str, email: str, password: str) -> Entrance:
    """Make an account and sign in. Raises Refused with the site's sentence; NotYet where mail is to be read first."""
    fields = {"username": username, "email": email, "password": password}
    return await _enter(transport, f"{AUTH}/signup", {name: value for name, value in fields.items() if value}, None)


async def enter_as_guest(transport: Transport, display_name: str) -> Entrance:
    """Come in by a display name alone, where the site lets guests in."""
    answer = await transport.call("POST", "/api/v1/guests", {"display_name": display_name})
    return Entrance(answer["session_token"])


async def sign_out(transport: Transport) -> None:
    """End the session of this token. One that has ended already is no error."""
    await _ask(transport, "DELETE", f"{AUTH}/session", None, None)


async def sign_out_elsewhere(transport: Transport) -> int:
    """End all other sessions of the account; return how many there were."""
    sessions = (await _ask(transport, "GET", f"{AUTH}/sessions", None, None)).get("data") or []
    others = [session["id"] for session in sessions if not session.get("is_current")]
    if others:
        await _ask(transport, "DELETE", f"{AUTH}/sessions", {"sessions": others}, None)
    return len(others)


async def _enter(transport: Transport, path: str, fields: dict[str, str], device: str | None) -> Entrance:
    answer, cookies = await _ask_with_cookies(transport, "POST", path, fields, device)
    token = (answer.get("meta") or {}).get("session_token")
    if answer.get("status") == 200 and token:
        kept = next((f"{name}={cookies[name]}" for name in DEVICE_COOKIES if name in cookies), device)
        return Entrance(str(token), kept)
    raise NotYet(*_what_first(answer))


def _what_first(answer: dict[str, Any]) -> tuple[str, list[str]]:
    flows = [flow["id"] for flow in (answer.get("data") or {}).get("flows", []) if flow.get("is_pending")]
    if "verify_email" in flows:
        return "Confirm your address first: open the link in the mail that was sent to it. Then log in.", flows
    if "mfa_authenticate" in flows:
        return (
            "This account asks for a second factor, which this program does not know yet. Log in by the browser.",
            flows,
        )
    return "The site does not let you in this way. Log in by the browser.", flows


async def _ask(transport: Transport, method: str, path: str, body: object, device: str | None) -> dict[str, Any]:
    return (await _ask_with_cookies(transport, method, path, body, device))[0]


async def _ask_with_cookies(
    transport: Transport, method: str, path: str, body: object, device: str | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Ask allauth, which answers with 401 where something is to be done first, or where one is signed out now."""
    answer = await transport.ask_allauth(method, path, body, device)
    said = transport.json_of(answer) if answer.content else {}
    if answer.status_code == 401 or answer.is_success:
        return said, dict(answer.cookies)
    raise _refusal(answer, said)


def _sentence(error: dict[str, Any]) -> str:
    """Return allauth's sentence; the one about a field that is missing does not say which."""
    prefix = f"{error.get('param')}: " if error.get("code") == "required" else ""
    return f"{prefix}{error['message']}"


def _refusal(answer: httpx.Response, said: Any) -> ChatsiteError:
    errors = said.get("errors") if isinstance(said, dict) else None
    if not errors:
        return refusal_of(answer)
    sentences = " ".join(_sentence(error) for error in errors)
    return Refused(sentences, code=str(errors[0]["code"]), status=answer.status_code, problem=said)
