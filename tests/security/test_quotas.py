"""Space for files is taken by bytes that have arrived, never by promises; and it is never more than there is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from chatsite.models import Leftover
from rooms import errors
from rooms.actions import files
from rooms.actions.memberships import join_room
from rooms.actions.rooms import open_room
from rooms.models import CHUNK_BYTES, Attachment, Chunk, Room
from tests.conftest import new_user
from tests.rooms.files import Sender, posted_file, ready_file, refusal
from tests.rooms.storage import empty_storage, objects

pytestmark = [pytest.mark.security, pytest.mark.rules, pytest.mark.django_db(transaction=True)]

KB = 1024
MB = 1024 * KB
PART = bytes(256 * KB)
HOUR = timedelta(hours=1)


__all__ = ["empty_storage"]


def received() -> int:
    return sum(Attachment.objects.values_list("received", flat=True))


def age(by: timedelta) -> None:
    Attachment.objects.update(touched_at=timezone.now() - by)


# --- Promises --------------------------------------------------------------------------------------------------------


@override_settings(FILES_MAX_TOTAL=2_000 * MB)
def test_who_only_promises_takes_no_space_from_others(room: Room, bob: User) -> None:
    """In the small, what 25 guests did to a site with 50 GB: they promise all of it, and send a few bytes."""
    for number in range(2):
        guest = new_user(f"guest-{number}", is_guest=True)
        join_room(room, actor=guest)
        sender = Sender(guest, room)
        for _ in range(20):
            assert sender.begin("large.bin", 100 * MB).status_code == 201
    sender = Sender(bob, room)
    assert sender.send(b"Hello").status_code == 200


@override_settings(FILES_MAX_PER_PERSON=4 * len(PART))
def test_a_person_may_promise_more_than_they_have_left_and_is_stopped_at_the_part_that_does_not_fit(
    room: Room, bob: User
) -> None:
    sender = Sender(bob, room)
    first, second = (sender.begin(name, 3 * len(PART)).json()["id"] for name in ("a.bin", "b.bin"))
    for number in range(3):
        assert sender.chunk(first, PART, number * len(PART)).status_code == 204
    assert sender.chunk(second, PART, 0).status_code == 204
    stopped = sender.chunk(second, PART, len(PART))
    assert refusal(stopped) == (413, "quota_exceeded")
    assert stopped.json()["limit"] == 0
    # Nothing of it is kept, and what has arrived is whole.
    assert (received(), Chunk.objects.count(), len(objects()), Leftover.objects.count()) == (4 * len(PART), 4, 4, 0)
    assert sender.finish(first).status_code == 200
    # Once there is room, it goes on where it was.
    sender.ask("delete", f"{sender.files}/{first}")
    assert sender.chunk(second, PART, len(PART)).status_code == 204


@override_settings(FILES_MAX_TOTAL=2 * len(PART))
def test_the_site_is_full_of_what_has_arrived(room: Room, alice: User, bob: User) -> None:
    hers, his = Sender(alice, room), Sender(bob, room)
    one, other = hers.begin("a.bin", 2 * len(PART)).json()["id"], his.begin("b.bin", 2 * len(PART)).json()["id"]
    assert hers.chunk(one, PART, 0).status_code == 204
    assert his.chunk(other, PART, 0).status_code == 204
    assert refusal(hers.chunk(one, PART, len(PART))) == (507, "site_full")
    # What cannot fit by itself is not begun.
    assert refusal(his.begin("c.txt", 1)) == (507, "site_full")
    assert received() == 2 * len(PART)


def test_one_person_has_few_files_on_their_way(room: Room, den: Room, alice: User, bob: User) -> None:
    sender, elsewhere = Sender(bob, room), Sender(bob, den)
    begun = [(sender, elsewhere)[number % 2].begin(f"{number}.txt", 5) for number in range(20)]
    assert {answer.status_code for answer in begun} == {201}
    for asked in (sender, elsewhere):
        answer = asked.begin("one more.txt", 5)
        assert refusal(answer) == (429, "too_many_uploads")
        assert answer["Retry-After"] == "10"
    assert Sender(alice, room).begin("hers.txt", 5).status_code == 201
    # One that has arrived, or is taken back, makes room for another.
    file_id = begun[0].json()["id"]
    sender.chunk(file_id, b"Hello", 0)
    assert sender.finish(file_id).status_code == 200
    assert sender.begin("one more.txt", 5).status_code == 201
    sender.ask("delete", f"{sender.files}/{begun[2].json()['id']}")
    assert sender.begin("another.txt", 5).status_code == 201


# --- Parts -----------------------------------------------------------------------------------------------------------


def test_a_file_is_not_sent_in_crumbs(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    file_id = sender.begin("a.bin", 2 * len(PART) + 1).json()["id"]
    for crumb in (b"x", PART[1:]):
        answer = sender.chunk(file_id, crumb, 0)
        assert refusal(answer) == (400, "chunk_too_small")
        assert answer.json()["limit"] == 256 * KB
    assert (received(), Chunk.objects.count(), objects()) == (0, 0, set())
    assert sender.chunk(file_id, PART, 0).status_code == 204
    assert sender.chunk(file_id, PART, len(PART)).status_code == 204
    # The last may be as small as it is.
    assert sender.chunk(file_id, b"x", 2 * len(PART)).status_code == 204
    assert sender.finish(file_id).status_code == 200


# --- Nobody goes on --------------------------------------------------------------------------------------------------


def test_what_nobody_goes_on_with_is_gone_after_an_hour_without_a_sweep(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    file_id = sender.begin("a.bin", 2 * len(PART)).json()["id"]
    assert sender.chunk(file_id, PART, 0).status_code == 204
    age(HOUR - timedelta(minutes=1))
    assert sender.ask("get", f"{sender.files}/{file_id}").json()["offset"] == len(PART)
    age(HOUR + timedelta(seconds=1))
    answers: list[Any] = [
        sender.ask("get", f"{sender.files}/{file_id}"),
        sender.chunk(file_id, PART, len(PART)),
        sender.finish(file_id),
    ]
    assert {refusal(answer) for answer in answers} == {(404, "no_such_file")}
    # The hour begins anew with each part.
    again = sender.begin("a.bin", 2 * len(PART)).json()["id"]
    Attachment.objects.filter(pk=again).update(touched_at=timezone.now() - HOUR + timedelta(minutes=1))
    assert sender.chunk(again, PART, 0).status_code == 204
    assert Attachment.objects.get(pk=again).touched_at > timezone.now() - timedelta(minutes=1)


def test_the_sweep_takes_what_is_an_hour_old_and_whole_files_after_two_days(room: Room, bob: User) -> None:
    begun = files.start_upload(room, actor=bob, name="a.bin", size=2 * len(PART))
    files.take_chunk(room, actor=bob, file_id=begun.pk, offset=0, data=PART)
    ready, posted = ready_file(room, bob), posted_file(room, bob)
    age(HOUR + timedelta(minutes=1))
    assert files.sweep_files() == (1, 0)
    age(timedelta(days=2) - timedelta(minutes=1))
    assert files.sweep_files() == (0, 0)
    age(timedelta(days=2, minutes=1))
    assert files.sweep_files() == (1, 0)
    assert list(Attachment.objects.all()) == [posted.attachment]
    assert objects() == {posted.attachment.stored}
    assert not Attachment.objects.filter(pk=ready.pk).exists()


@override_settings(FILES_MAX_TOTAL=2 * len(PART))
def test_what_nobody_goes_on_with_makes_room_when_it_is_needed(room: Room, alice: User, bob: User) -> None:
    his, hers = Sender(bob, room), Sender(alice, room)
    his_files = [his.begin(name, 2 * len(PART)).json()["id"] for name in ("a.bin", "b.bin")]
    for file_id in his_files:
        assert his.chunk(file_id, PART, 0).status_code == 204
    assert refusal(hers.begin("c.txt", 5)) == (507, "site_full")
    age(HOUR + timedelta(minutes=1))
    # As she begins; and, of what is let be meanwhile, as she sends.
    file_id = hers.begin("c.bin", 2 * len(PART)).json()["id"]
    assert not Attachment.objects.filter(pk__in=his_files).exists()
    again = his.begin("d.bin", 2 * len(PART)).json()["id"]
    assert his.chunk(again, PART, 0).status_code == 204
    assert hers.chunk(file_id, PART, 0).status_code == 204
    Attachment.objects.filter(pk=again).update(touched_at=timezone.now() - HOUR - timedelta(minutes=1))
    assert hers.chunk(file_id, PART, len(PART)).status_code == 204
    assert hers.finish(file_id).status_code == 200
    assert received() == 2 * len(PART)
    assert len(objects()) == 1


@override_settings(FILES_MAX_PER_PERSON=len(PART))
def test_what_nobody_goes_on_with_counts_against_nobody(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    for number in range(20):
        assert sender.begin(f"{number}.bin", len(PART)).status_code == 201
    age(HOUR + timedelta(minutes=1))
    assert sender.begin("new.bin", len(PART)).status_code == 201


# --- At the same moment ----------------------------------------------------------------------------------------------


def together(*acts: Any) -> list[str]:
    """Do these at the same moment; return for each ``done`` or the code by which it was refused."""
    start = Barrier(len(acts), timeout=60)

    def run(act: Any) -> str:
        try:
            start.wait()
            act()
        except errors.RoomError as refused:
            return refused.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def begun(room: Room, person: User, parts: int = 1) -> Attachment:
    return files.start_upload(room, actor=person, name="a.bin", size=parts * len(PART))


def send(upload: Attachment, number: int = 0) -> Any:
    return lambda: files.take_chunk(
        upload.room, actor=upload.owner, file_id=upload.pk, offset=number * len(PART), data=PART
    )


def test_of_two_who_reach_the_site_s_quota_at_once_one_is_stopped(room: Room, alice: User, bob: User) -> None:
    for round_ in range(10):
        uploads = [begun(room, person) for person in (alice, bob)]
        with override_settings(FILES_MAX_TOTAL=len(PART)):
            assert sorted(together(*(send(upload) for upload in uploads))) == ["done", "site_full"], round_
        assert received() == len(PART)
        assert len(objects()) == 1
        files.drop(Attachment.objects.all())
        assert objects() == set()


def test_of_two_parts_that_reach_a_person_s_quota_at_once_one_is_stopped(room: Room, bob: User) -> None:
    for round_ in range(10):
        uploads = [begun(room, bob) for _ in range(2)]
        with override_settings(FILES_MAX_PER_PERSON=len(PART)):
            assert sorted(together(*(send(upload) for upload in uploads))) == ["done", "quota_exceeded"], round_
        assert received() == len(PART)
        files.drop(Attachment.objects.all())


def test_the_same_part_twice_at_once_is_counted_once(room: Room, bob: User) -> None:
    for round_ in range(10):
        upload = begun(room, bob, 2)
        assert sorted(together(send(upload), send(upload))) == ["done", "wrong_offset"], round_
        assert received() == len(PART)
        assert len(objects()) == 1
        files.drop(Attachment.objects.all())


def test_two_ends_at_once_are_one_file(room: Room, bob: User) -> None:
    for round_ in range(5):
        upload = begun(room, bob)
        send(upload)()

        def finish(file_id: Any = upload.pk) -> None:
            files.finish_upload(room, actor=bob, file_id=file_id)

        assert together(finish, finish) == ["done", "done"], round_
        assert received() == len(PART)
        assert objects() == {Attachment.objects.get().stored}
        files.drop(Attachment.objects.all())


def test_two_who_make_room_at_once_do_it_once(room: Room, alice: User, bob: User) -> None:
    for _round in range(5):
        for _ in range(5):
            send(begun(room, bob, 2))()
        age(HOUR + timedelta(minutes=1))
        uploads = [begun(room, person) for person in (alice, bob)]
        with override_settings(FILES_MAX_TOTAL=5 * len(PART)):
            together(*(send(upload) for upload in uploads))
            # Who came while the other was at it may have been told that there is none.
            for upload in uploads:
                if Attachment.objects.get(pk=upload.pk).received == 0:
                    send(upload)()
        assert received() == 2 * len(PART)
        files.drop(Attachment.objects.all())


def test_of_many_that_are_begun_at_once_no_more_than_a_few_are(room: Room, bob: User) -> None:
    for _ in range(18):
        begun(room, bob)
    outcomes = together(*(lambda: begun(room, bob) for _ in range(6)))
    assert sorted(outcomes) == ["done"] * 2 + ["too_many_uploads"] * 4


# --- What it costs ---------------------------------------------------------------------------------------------------


def test_no_part_adds_up_all_files(bob: User) -> None:
    """By the plan that the database makes: nothing is read but the rows that are meant."""
    room = open_room(actor=bob, name="Many")
    upload = begun(room, bob, 2)
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        send(upload)()
        begun(room, bob)
    sums = [sql for sql, _params in asked if "SUM(" in sql.upper()]
    counts = [sql for sql, _params in asked if "COUNT(" in sql.upper()]
    assert sums == []
    assert len(counts) == 1
    if connection.vendor == "sqlite":
        for sql, params in asked:
            if sql.startswith("SELECT") and "rooms_attachment" in sql:
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                    plan = " ".join(row[3] for row in cursor.fetchall())
                assert "SCAN" not in plan, (sql, plan)
    assert len(PART) <= CHUNK_BYTES
