"""Guessing passwords: past the limits, and so that the owner of an account is kept out by them."""

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import Client, code_of
from tests.security.attack.scene import Person, Scene, new_name

# More wrong guesses than any limit lets pass in a moment.
GUESSES = 25
# More than a small cache has entries.
CROWD = 400


def guess(client: Client, login: str) -> str:
    """Try a wrong password and return what the site says to it."""
    by = "email" if "@" in login else "username"
    return code_of(client.app("auth/login", **{by: login}, password="wrong " + new_name()))


def guess_on(scene: Scene, login: str) -> int | None:
    """Guess, from another address each time if there are some; return how many guesses pass before the site slows."""
    first = guess(scene.visitor(), login)
    for number in range(1, GUESSES):
        if guess(scene.visitor(), login) != first:
            return number
    return None


@attack("logins")
def guesses_at_one_account(scene: Scene) -> Seen:
    """Wrong passwords for one account from everywhere."""
    passed = guess_on(scene, scene.new_member().username)
    return open_if(passed is None, f"slowed after {passed}" if passed else f"{GUESSES} of {GUESSES} were looked at")


@attack("logins")
def guesses_from_one_address(scene: Scene) -> Seen:
    """Wrong passwords for many names from one address."""
    client = scene.visitor()
    answers = [guess(client, new_name()) for _ in range(GUESSES)]
    return open_if(len(set(answers)) == 1, f"the last of {GUESSES}: {answers[-1]}")


@attack("logins")
def username_and_email_apart(scene: Scene) -> Seen:
    """As many wrong passwords by the username as there may be, and as many more by the email address."""
    person = scene.new_member()
    email = email_of(person)
    first = guess(scene.visitor(), email)
    passed = guess_on(scene, person.username)
    then = guess(scene.visitor(), email)
    return open_if(then == first, f"slowed after {passed} by the username; then by the address: {then}")


@attack("logins")
def forgotten_counters(scene: Scene) -> Seen:
    """400 visitors with a question each, after which a small cache has forgotten who guessed how often."""
    person = scene.new_member()
    crowd = scene.many_visitors(CROWD)
    first = guess(scene.visitor(), person.username)
    passed = guess_on(scene, person.username)
    for client in crowd:
        client.get("/accounts/username/?username=somebody")
        client.close()
    then = guess(scene.visitor(), person.username)
    return open_if(then == first, f"slowed after {passed}; then: {then}")


@attack("logins")
def owner_kept_out(scene: Scene) -> Seen:
    """Strangers' wrong guesses: may the owner still log in where they were signed in before?"""
    person = scene.new_member()
    browser = scene.browser_of(person)
    browser.send_form("/accounts/logout/")
    passed = guess_on(scene, person.username)
    answer = browser.send_form("/accounts/login/", login=person.username, password=person.password)
    return open_if(answer.status_code != 302, f"slowed after {passed}; then the owner: {answer.status_code}")


def email_of(person: Person) -> str:
    if person.is_ours:
        return person.email
    answer = person.client.get("/_allauth/app/v1/account/email")
    return str(next(address["email"] for address in answer.json()["data"] if address["primary"]))
