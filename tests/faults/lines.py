"""Clients whose lines hang or break, who do not keep up, who all say the same, or who are removed."""

import asyncio
import time

from tests.faults.checker import Bounds
from tests.faults.fault import LOST, fault
from tests.faults.readers import Reader
from tests.faults.scene import Scene

# Without limits: eight people may not have so many.
CROWD = Bounds(recovery=60, closes=LOST)


@fault("1,000 sockets cut at once", touches="lines", on="cluster without limits", bounds=CROWD, is_heavy=True)
async def cut_a_crowd(scene: Scene) -> None:
    for index in range(1_000):
        scene.add_reader(index % len(scene.stage.people), home=index, rooms=1)
        if index % 25 == 0:
            await scene.for_seconds(0.3)
    await scene.until(lambda: all(client.is_live for client in scene.clients))
    for door in scene.stage.doors:
        door.cut()


# Who comes back after a minute has much to say at once.
CUT_OFF = Bounds(recovery=30, closes=LOST, refusals=frozenset({"too_fast"}))


@fault("no way between clients and a process", touches="lines", bounds=CUT_OFF, every=0.5)
async def cut_off_clients(scene: Scene) -> None:
    door = scene.rng.choice(scene.stage.doors)
    door.hold()
    await scene.for_seconds(60, brief=3)
    door.cut()
    door.release()


# They are one person, and 20 posts at once are many.
@fault("the same client_id from 20 sockets", touches="nothing", bounds=Bounds(refusals=frozenset({"too_fast"})))
async def say_the_same(scene: Scene) -> None:
    devices = [scene.add_writer(0, every=3_600, home=index) for index in range(20)]
    await scene.until(lambda: all(device.is_live for device in devices))
    for number in range(5):
        for device in devices:
            device.say(devices[0].room, client_id=f"the-same-{number}")
        if not await scene.until(lambda: not any(device.waiting for device in devices)):
            scene.note(1, "The same post from 20 sockets was not acknowledged to each.")


REMOVED = Bounds(ends=frozenset({4403}), refusals=frozenset({"removed", "too_fast"}))


@fault("removal during 100 messages a second", touches="members", bounds=REMOVED, rooms=1, every=0.06)
async def remove(scene: Scene) -> None:
    alice, *others = scene.writers
    victim = scene.rng.choice(others)
    await scene.for_seconds(2, brief=1)
    their_id = (await asyncio.to_thread(victim.person.call, "GET", "/api/me"))["id"]
    members = f"/api/rooms/{alice.room}/members"
    await asyncio.to_thread(alice.person.call, "DELETE", f"{members}/{their_id}")
    removed_at = time.monotonic()
    theirs = [client for client in scene.clients if client.name == victim.name]
    views = [client.views[alice.room] for client in theirs]
    if not await scene.until(lambda: all(view.ended == 4403 for view in views), 20):
        scene.note(5, f"The room of who was removed was ended with {[view.ended for view in views]}.")
    elif (took := time.monotonic() - removed_at) > 2 and not scene.brief:
        scene.note(5, f"Who was removed was still connected after {took:.1f} s.")
    for site in scene.stage.urls:
        status = await asyncio.to_thread(victim.person.at(site).status, "GET", f"/api/rooms/{alice.room}/messages")
        if status != 403:
            scene.note(5, f"Who was removed is answered {status} when they poll.")
    await scene.for_seconds(1)


async def keep_typing(reader: Reader) -> None:
    """Look alive: a line on which nothing comes is pinged, and cut when nobody answers."""
    while True:
        await reader.send({"type": "typing", "room": reader.room})
        await asyncio.sleep(0.5)


# Three bytes a character: what each of three writers says is more than a reader may leave unacknowledged (4 MiB).
MUCH = "語" * 9_000
TIMES = 80


# The close says 4408, and is cut short a second later: who does not read even that sees a lost line.
TOO_SLOW = Bounds(recovery=15, closes=LOST | {4408})


@fault("a reader stops reading, and still sends", touches="lines", bounds=TOO_SLOW, is_heavy=True)
async def stop_reading(scene: Scene) -> None:
    dawdler = scene.dawdler
    await scene.until(lambda: dawdler.views[dawdler.room].head > 0)
    dawdler.may_read.clear()
    typing = asyncio.create_task(keep_typing(dawdler))
    welcomes = dawdler.welcomes
    for writer in scene.writers:
        writer.tail = MUCH
        for _ in range(TIMES):
            writer.say(writer.room)
        writer.tail = ""
    await scene.until(lambda: not any(writer.waiting for writer in scene.writers))
    await scene.for_seconds(10)
    typing.cancel()
    dawdler.may_read.set()
    await scene.until(lambda: dawdler.welcomes > welcomes, 30)
    if not dawdler.closes:
        scene.note(7, "Who stopped reading was not closed.")
