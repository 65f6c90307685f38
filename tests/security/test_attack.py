"""That no attack over the network works on a real site, and that the runner is turned on nobody else's."""

import pytest

from tests import servers
from tests.conftest import PASSWORD
from tests.security.attack.__main__ import main, try_all
from tests.security.attack.attack import ALL, Attack, Outcome
from tests.security.attack.mail import mailbox
from tests.security.attack.scene import Scene

pytestmark = pytest.mark.security

NAMES = ("ann", "ben", "cleo")
# What a site without TLS cannot show, and what takes minutes.
NOT_HERE = {"cookies", "plain_port", "address_without_password"}
MAKE_PEOPLE = f"""
from allauth.account.models import EmailAddress
from accounts.models import User
for name in {NAMES!r}:
    email = f"{{name}}@example.org"
    user = User.objects.create_user(name, email, {PASSWORD!r})
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
"""


def by_name(attacks: list[Attack]) -> dict[str, Attack]:
    return {getattr(attack.run, "__name__", attack.says): attack for attack in attacks}


def needs_mail(attack: Attack) -> bool:
    return attack.family == "accounts"


def here(*, with_mail: bool) -> list[Attack]:
    return [attack for name, attack in by_name(ALL).items() if name not in NOT_HERE and needs_mail(attack) == with_mail]


def not_held(outcomes: list[Outcome]) -> list[str]:
    return [
        f"{outcome.verdict}: {outcome.attack.says} — {outcome.seen}"
        for outcome in outcomes
        if outcome.verdict != "holds"
    ]


def test_no_attack_works_on_a_site_as_it_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    with servers.site() as site:
        site.env["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
        site.manage("createsuperuser", "--noinput", "--username", "dana", "--email", "dana@example.org")
        outcomes = try_all(Scene(site.url, staff=("dana", PASSWORD)), here(with_mail=False))
    printed = capsys.readouterr().out
    assert all(attack.says[:30] in printed for attack in here(with_mail=False))
    assert not_held(outcomes) == []


def test_no_attack_works_on_a_site_that_confirms_addresses() -> None:
    with mailbox() as mail, servers.site(env={"EMAIL_URL": mail.url}) as site:
        site.manage("shell", "-v0", "-c", MAKE_PEOPLE)
        scene = Scene(site.url, [(name, PASSWORD) for name in NAMES], mail=mail)
        outcomes = try_all(scene, here(with_mail=True))
    assert not_held(outcomes) == []


def test_every_attack_says_what_is_tried_in_a_sentence_of_its_own() -> None:
    assert len({attack.says for attack in ALL}) == len(ALL) == len(by_name(ALL))
    assert len(here(with_mail=True)) + len(here(with_mail=False)) + len(NOT_HERE) == len(ALL)
    assert all(len(attack.says) > 20 for attack in ALL)


@pytest.mark.parametrize(
    "url", ["https://chat.example.org", "http://10.0.0.1:8000", "chat.example.org", "ftp://127.0.0.1"]
)
def test_a_site_elsewhere_is_attacked_only_by_who_says_that_it_is_theirs(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main([url])
    assert refused.value.code == 2
    assert capsys.readouterr().out == ""
