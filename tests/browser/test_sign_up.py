"""People come in through the front door."""

from tests.browser.conftest import NewPerson


def test_people_sign_up_and_find_the_rooms(new_person: NewPerson) -> None:
    alice = new_person("alice", sign_up=True)
    bob = new_person("bob", sign_up=True, phone=True, dark=True, websockets=False)
    for person in (alice, bob):
        assert person.page.url == f"{person.site.url}/rooms/"
        assert person.page.get_by_role("heading", level=1).is_visible()
