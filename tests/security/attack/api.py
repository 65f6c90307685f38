"""Requests that cost the site more than those who send them, or that it stumbles over."""

from contextlib import ExitStack, closing

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import code_of
from tests.security.attack.scene import TIMES_QUIET, Scene, seconds_of

# Bytes that a parser of JSON, or what comes after it, has stumbled over.
ODD_BODIES = {
    "100,000 brackets": b"[" * 100_000,
    "brackets in a field": b'{"username": ' + b"[" * 100_000,
    "a number of 10,000 digits": b'{"username": ' + b"9" * 10_000 + b', "password": "x"}',
    "half a character": b'{"username": "\\ud800", "email": "\\ud800@example.org", "password": "\\ud800"}',
    "a NUL": b'{"username": "a\\u0000b", "email": "a\\u0000b@example.org", "password": "x\\u0000"}',
    "no UTF-8": b'{"username": "\xff\xfe", "password": "x"}',
    "a list": b"[1]",
    "nothing": b"null",
}
APP_DOORS = ("auth/login", "auth/signup", "auth/password/request", "auth/password/reset", "auth/email/verify")
SIGNED_IN_DOORS = (
    "auth/session",
    "auth/sessions",
    "account/email",
    "account/phone",
    "account/password/change",
    "config",
)
# Seconds that a document may take.
DOCUMENT_SECONDS = 0.15
DOWNLOADS = 30
# Questions at once, each by a connection of its own.
ASKED = 600


@attack("api")
def odd_bodies(scene: Scene) -> Seen:
    """Bodies at the anonymous doors for apps that no parser expects."""
    client = scene.visitor()
    stumbled = set()
    for step in APP_DOORS:
        for name, body in ODD_BODIES.items():
            address = f"/_allauth/app/v1/{step}"
            answer = client.post(address, data=body, headers={"Content-Type": "application/json"})
            if answer.status_code >= 500:
                stumbled.add(name)
    return open_if(bool(stumbled), f"500 for {', '.join(sorted(stumbled))}" if stumbled else "each was refused")


@attack("api")
def apps_doors_unasked(scene: Scene) -> Seen:
    """Each door for apps, asked for what it has by somebody without a session and by somebody with one."""
    doors, clients = [*APP_DOORS, *SIGNED_IN_DOORS], (scene.visitor(), scene.member.client)
    stumbled = [step for step in doors if any(c.get(f"/_allauth/app/v1/{step}").status_code >= 500 for c in clients)]
    return open_if(bool(stumbled), f"500 for {', '.join(stumbled)}" if stumbled else "each answered")


@attack("api")
def odd_guests(scene: Scene) -> Seen:
    """The same bodies at POST /api/guests."""
    stumbled = []
    for name, body in ODD_BODIES.items():
        data = body.replace(b'"username"', b'"display_name"')
        answer = scene.visitor().post("/api/guests", data=data, headers={"Content-Type": "application/json"})
        if answer.status_code >= 500:
            stumbled.append(name)
    return open_if(bool(stumbled), f"500 for {', '.join(stumbled)}" if stumbled else "each was refused")


@attack("api")
def openapi(scene: Scene) -> Seen:
    """The API's document, which anybody may have, built anew for each."""
    client = scene.visitor()
    fastest = min(seconds_of(lambda: client.get("/api/openapi.json")) for _ in range(6))
    limit = max(DOCUMENT_SECONDS, TIMES_QUIET * scene.quiet)
    return open_if(fastest > limit, f"{fastest * 1000:.0f} ms, and {scene.quiet * 1000:.0f} ms for /healthz")


@attack("api")
def readiness(scene: Scene) -> Seen:
    """600 questions after /readyz in the same moment: would a load balancer take the process out?"""
    statuses = []
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(scene.line())) for _ in range(ASKED)]
        for line in lines:
            line.connect()
        for line in lines:
            line.request("GET", "/readyz")
        statuses = [line.getresponse().status for line in lines]
    return open_if(503 in statuses, f"{statuses.count(503)} of {ASKED} were answered 503")


@attack("api")
def downloads(scene: Scene) -> Seen:
    """All that the site holds about one, 30 times in a row."""
    # Somebody at whose password no other attack has guessed.
    browser = scene.browser_of(scene.new_member())
    for number in range(DOWNLOADS):
        answer = browser.get("/accounts/data/download/")
        if answer.status_code != 200:
            return open_if(answer.status_code >= 500, f"{answer.status_code} after {number}")
    return open_if(True, f"{DOWNLOADS} of {DOWNLOADS} were served")


@attack("api")
def guests_from_a_foreign_page(scene: Scene) -> Seen:
    """POST /api/guests as text/plain with a foreign Origin, which any page can have its visitors send."""
    if scene.guest:
        headers = {"Content-Type": "text/plain", "Origin": "https://elsewhere.example"}
        answer = scene.visitor().post("/api/guests", data=b'{"display_name": "Gus"}', headers=headers)
    return open_if(answer.status_code < 400, code_of(answer))
