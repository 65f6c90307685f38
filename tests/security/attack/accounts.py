"""Other people's addresses: taking them, finding them out, mailing them. On a site that has people confirm theirs."""

import statistics
import time

import requests

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import Client, code_of
from tests.security.attack.logins import email_of
from tests.security.attack.mail import Mailbox
from tests.security.attack.scene import PASSWORD, NotTriedError, Scene, new_name, seconds_of

MAILS = 30
# More than these to one address are a nuisance.
MAILS_AN_HOUR = 10
ROUNDS = 5
# Seconds after a log-in in which no password is asked for again.
RECENTLY = 300


def guest_in_browser(scene: Scene) -> Client:
    browser = scene.visitor()
    answer = browser.send_form("/accounts/guest/", display_name="A guest")
    if answer.status_code != 302:
        raise NotTriedError(f"guests do not get in here ({answer.status_code})")
    return browser


def keep(browser: Client, email: str) -> requests.Response:
    """Make the guest's account a full one under this address."""
    return browser.send_form("/accounts/keep/", username=new_name(), email=email, password1=PASSWORD)


def require_mail(scene: Scene) -> None:
    """Only a new account tells whether addresses are confirmed here."""
    answer = sign_up(scene, f"{new_name()}@example.org")
    flows = answer.json().get("data", {}).get("flows", []) if answer.status_code == 401 else []
    if not any(flow["id"] == "verify_email" for flow in flows):
        raise NotTriedError("no address is confirmed here, as there is no mail server")


def mailbox_of(scene: Scene) -> Mailbox:
    if scene.mail is None:
        raise NotTriedError("only a mailbox shows it: --take-mail PORT, and the site's EMAIL_URL smtp://127.0.0.1:PORT")
    return scene.mail


def sign_up(scene: Scene, email: str) -> requests.Response:
    return scene.visitor().app("auth/signup", username=new_name(), email=email, password=PASSWORD)


@attack("accounts")
def guest_under_a_foreign_address(scene: Scene) -> Seen:
    """A guest whose account is to be kept under somebody else's address: no guest any more before it is confirmed?"""
    require_mail(scene)
    browser = guest_in_browser(scene)
    keep(browser, f"{new_name()}@example.org")
    browser.send_form("/accounts/email/", email=f"{new_name()}@example.org", action_add="")
    is_guest = browser.get("/api/me").json()["is_guest"]
    return open_if(not is_guest, "still a guest" if is_guest else "an account at once, with a second address to come")


@attack("accounts")
def mails_without_end(scene: Scene) -> Seen:
    """30 mails to somebody who has an account, that they have one."""
    box = mailbox_of(scene)
    taken = email_of(scene.member)
    browser = guest_in_browser(scene)
    before = len(box.to(taken))
    for _ in range(MAILS):
        keep(browser, taken)
    arrived = len(box.to(taken)) - before
    return open_if(arrived > MAILS_AN_HOUR, f"{arrived} of {MAILS} arrived")


@attack("accounts")
def words_in_somebody_else_s_mail(scene: Scene) -> Seen:
    """A username that is an advertisement, in the mail that confirms an address of somebody else's."""
    box = mailbox_of(scene)
    name, victim = f"www.{new_name()}.example", f"{new_name()}@example.org"
    scene.visitor().app("auth/signup", username=name, email=victim, password=PASSWORD)
    letters = box.to(victim)
    if not letters:
        raise NotTriedError("no mail arrived")
    return open_if(any(name in letter for letter in letters), f"{len(letters)} mails arrived")


@attack("accounts")
def taken_addresses_by_answer(scene: Scene) -> Seen:
    """A sign-up with an address that somebody has, and one that nobody has: is the answer another?"""
    require_mail(scene)
    taken, free = sign_up(scene, email_of(scene.member)), sign_up(scene, f"{new_name()}@example.org")
    same = (taken.status_code, taken.json().get("data")) == (free.status_code, free.json().get("data"))
    return open_if(not same, f"{code_of(taken)} and {code_of(free)}")


@attack("accounts")
def taken_addresses_by_time(scene: Scene) -> Seen:
    """The same by how long the answer takes."""
    require_mail(scene)
    email = email_of(scene.member)
    taken, free = [], []
    for _ in range(ROUNDS):
        taken.append(seconds_of(lambda: sign_up(scene, email)))
        free.append(seconds_of(lambda: sign_up(scene, f"{new_name()}@example.org")))
    apart = max(min(free), min(taken)) / min(*free, *taken)
    overlap = max(min(free), min(taken)) < min(max(free), max(taken))
    seen = f"{statistics.median(taken) * 1000:.0f} and {statistics.median(free) * 1000:.0f} ms"
    return open_if(apart > 1.5 and not overlap, seen)


@attack("accounts")
def address_without_password(scene: Scene) -> Seen:
    """Another email address for an account in a browser that was found open."""
    if scene.patience < RECENTLY:
        raise NotTriedError(f"none is asked within {RECENTLY} s of a log-in; --patient {RECENTLY + 10} waits")
    browser = scene.browser_of(scene.member)
    time.sleep(scene.patience)
    answer = browser.send_form("/accounts/email/", email=f"{new_name()}@example.org", action_add="")
    where = answer.headers.get("Location", "")
    return open_if("reauthenticate" not in where, f"{answer.status_code} {where}")
