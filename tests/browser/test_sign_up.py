"""People come in through the front door."""

from tests.browser.conftest import NewPerson


def test_people_sign_up_and_find_the_rooms(new_person: NewPerson) -> None:
    for person in (new_person("alice"), new_person("bob", phone=True, dark=True, websockets=False)):
        assert person.page.url == f"{person.site.url}/rooms/"
        assert person.page.get_by_role("heading", level=1).is_visible()
