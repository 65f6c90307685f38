"""What a site of many processes would do: a queueing simulation from the costs that were measured on two cores.

Messages arrive at random in rooms of uneven sizes. Each is stored by its author's process, in PostgreSQL, delivered
there, and told through Redis to the other processes where the room is open, which deliver it to their own. A process is
one core that does one thing at a time; once a second it looks after the people who are connected to it, and tells those
who are elsewhere that there is talk. What is left out: pages, uploads, the network, and machines that fail.

    python -m benchmarks.simulate --people 100000 --rooms 10000 --processes 24 --by-room
"""

import argparse
import heapq
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Self

from benchmarks.results import PUBLISHED, Results

# Seconds between two checks of a process on its people, and how far back it looks for messages
# (rooms/realtime/unread/unread_queries.py).
CHECK_EVERY = 1.0
LATELY = 30.0
# Looking takes turns with messages: threads, and timers of their own.
TURNS = 10
# Sizes of rooms: the n-th largest has people in proportion to n to this power, so that a few are large and many small.
SKEW = -0.7


@dataclass(frozen=True)
class Costs:
    """Seconds of CPU, as one core of the measuring machine spends them."""

    # Of a message: storing it at its author's process, hearing of it at another, and each delivery.
    post: float
    hear: float
    delivery: float
    # Of a message, at Redis: for each process that it is told to; at PostgreSQL: for storing it.
    redis: float
    postgres: float
    # Of a person: coming in; and each second that they are connected, at the process and at PostgreSQL.
    connect: float
    quiet: float
    quiet_postgres: float
    # Of a delivery that travels in one frame with the one before it, because that one had to wait.
    joined: float = 2e-6
    # Of a room in which somebody spoke lately: reading that, at each process and each second. (Measured by hand, with
    # ten thousand of them.)
    talked: float = 2e-6
    talked_postgres: float = 1e-6
    kib_per_socket: float = 35.0
    process_kib: float = 110_000.0

    @classmethod
    def measured(cls, results: Results) -> Self:
        """Tell the message's own cost, hearing of it and each delivery apart."""

        def per_message(scenario: str, contender: str, key: str = "cpu_seconds") -> float:
            messages = results.middle(scenario, contender, "delivered") / results.middle(
                scenario, contender, "receivers"
            )
            return results.middle(scenario, contender, key) / messages

        def receivers(scenario: str) -> float:
            return results.middle(scenario, "1 process", "receivers")

        large, small = "processes", "processes-small"
        delivery = (per_message(large, "1 process") - per_message(small, "1 process")) / (
            receivers(large) - receivers(small)
        )
        own = per_message(small, "1 process")
        hear = per_message(small, "2 processes") - own - receivers(small) * delivery
        # On a site where others talk; older results have no such figure, nor did it matter then.
        idle = "idle-awake" if "idle-awake" in results.scenarios else "idle-10000"
        people, seconds = (results.middle(idle, "Chatsite", key) for key in ("sockets", "seconds"))
        quiet, quiet_postgres = (
            results.middle(idle, "Chatsite", key) / seconds / people for key in ("cpu_seconds", "postgres_cpu_seconds")
        )
        return cls(
            post=own - receivers(small) * delivery,
            hear=max(hear, 0.0),
            delivery=delivery,
            redis=per_message(large, "4 processes", "redis_cpu_seconds") / 4,
            postgres=per_message(large, "1 process", "postgres_cpu_seconds"),
            connect=results.middle("idle-10000", "Chatsite", "opening_cpu_ms") / 1e3,
            quiet=quiet,
            quiet_postgres=quiet_postgres,
            joined=results.middle("fan-out-1000", "Chatsite", "cpu_ms_per_1000") / 1e6,
            kib_per_socket=results.middle("idle-10000", "Chatsite", "kib_per_socket"),
        )


@dataclass(frozen=True)
class Site:
    people: int = 100_000
    rooms: int = 10_000
    processes: int = 24
    # All people of a room at one process (the proxy chooses by the room's id), or each wherever there is least to do.
    by_room: bool = False
    # Messages that a person sends a second.
    rate: float = 1 / 120
    # People who have a room in their list and are connected, for each one who is in it.
    elsewhere: float = 4.0
    redis_servers: int = 1
    postgres_cores: int = 8


@dataclass(frozen=True)
class Outcome:
    """Shares of their time that the servers were busy, and how long messages took to their last receiver."""

    busiest_process: float
    process: float
    redis: float
    postgres: float
    p50_ms: float
    p99_ms: float
    # Processes in which a message was delivered.
    reach: float


class Server:
    """Does what it is asked for in the order of asking, on so many cores."""

    def __init__(self, cores: int = 1) -> None:
        self._free_at = [0.0] * cores
        self.busy = 0.0

    def serve(self, at: float, seconds: float) -> float:
        """Return when something asked for at ``at`` is done; to be called in the order of ``at``."""
        end = max(at, heapq.heappop(self._free_at)) + seconds
        heapq.heappush(self._free_at, end)
        self.busy += seconds
        return end

    def share(self, seconds: float) -> float:
        return self.busy / seconds / len(self._free_at)


@dataclass
class Message:
    """A message on its way."""

    at: float
    room: int
    deliveries_left: int


@dataclass
class Simulation:
    site: Site
    costs: Costs
    seed: int = 1
    now: float = 0.0
    ages: list[float] = field(default_factory=list)
    reached: int = 0
    # When the latest delivery to a room's people at a process begins.
    begins: dict[tuple[int, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Every run the same: not a secret.
        self.random = random.Random(self.seed)
        site = self.site
        self.sizes = sizes_of_rooms(site.people, site.rooms)
        self.processes = [Server() for _ in range(site.processes)]
        self.redis = [Server() for _ in range(site.redis_servers)]
        self.postgres = Server(site.postgres_cores)
        self.open_in = [self.placed(room, size) for room, size in enumerate(self.sizes)]
        self.connected = Counter[int]()
        for processes in self.open_in:
            self.connected.update(processes)
        self.events: list[tuple[float, int, Callable[[], None]]] = []
        self.scheduled = 0

    def placed(self, room: int, size: int) -> Counter[int]:
        """Return how many people of a room are at each process."""
        if self.site.by_room:
            return Counter({self.random.randrange(self.site.processes): size})
        return Counter(self.random.choices(range(self.site.processes), k=size))

    def run(self, seconds: float) -> Outcome:
        self.schedule_messages(seconds)
        for number in range(self.site.processes):
            self.at(self.random.random() * CHECK_EVERY, partial(self.check, number, seconds))
        while self.events and self.events[0][0] < seconds:
            self.now, _, act = heapq.heappop(self.events)
            act()
        return self.outcome(seconds)

    def schedule_messages(self, seconds: float) -> None:
        expected = self.site.people * self.site.rate
        at = self.random.expovariate(expected)
        moments = []
        while at < seconds:
            moments.append(at)
            at += self.random.expovariate(expected)
        # A larger room talks more.
        rooms = self.random.choices(range(self.site.rooms), weights=self.sizes, k=len(moments))
        for moment, room in zip(moments, rooms, strict=True):
            self.at(moment, partial(self.post, Message(moment, room, len(self.open_in[room]))))

    def at(self, moment: float, act: Callable[[], None]) -> None:
        self.scheduled += 1
        heapq.heappush(self.events, (moment, self.scheduled, act))

    # --- A message's way --------------------------------------------------------------------------------------------

    def post(self, message: Message) -> None:
        processes = self.open_in[message.room]
        author = self.random.choices(list(processes), weights=list(processes.values()))[0]
        done = self.processes[author].serve(self.now, self.costs.post)
        self.at(done, partial(self.store, message, author))

    def store(self, message: Message, author: int) -> None:
        done = self.postgres.serve(self.now, self.costs.postgres)
        self.at(done, partial(self.deliver, message, author, 0.0))
        self.at(done, partial(self.tell, message, author))

    def tell(self, message: Message, author: int) -> None:
        processes = self.open_in[message.room]
        # A process hears what it says itself, too.
        done = self.redis[message.room % len(self.redis)].serve(self.now, self.costs.redis * len(processes))
        for number in processes:
            if number != author:
                self.at(done, partial(self.deliver, message, number, self.costs.hear))

    def deliver(self, message: Message, number: int, before: float) -> None:
        key = number, message.room
        is_joined = self.begins.get(key, 0.0) > self.now
        seconds = before + self.open_in[message.room][number] * (
            self.costs.joined if is_joined else self.costs.delivery
        )
        done = self.processes[number].serve(self.now, seconds)
        self.begins[key] = done - seconds
        self.reached += 1
        message.deliveries_left -= 1
        if not message.deliveries_left:
            self.ages.append(done - message.at)

    # --- Beside the messages ----------------------------------------------------------------------------------------

    def check(self, number: int, until: float) -> None:
        """Do a part of what a process does each second: for its people, and for the talk elsewhere."""
        people = self.connected[number]
        seconds = people * self.costs.quiet + self.talked_lately * self.costs.talked
        seconds += self.told_of_talk / self.site.processes * self.costs.delivery
        self.processes[number].serve(self.now, seconds / TURNS)
        asked = people * self.costs.quiet_postgres + self.talked_lately * self.costs.talked_postgres
        self.postgres.serve(self.now, asked / TURNS)
        if self.now + CHECK_EVERY / TURNS < until:
            self.at(self.now + CHECK_EVERY / TURNS, partial(self.check, number, until))

    @property
    def talked_lately(self) -> float:
        """Rooms in which somebody said something in the last half minute, as each process reads each second."""
        return self.rooms_with_talk_in(LATELY)

    @property
    def told_of_talk(self) -> float:
        """People who are told of talk elsewhere in one second: a room's at most once."""
        return self.rooms_with_talk_in(CHECK_EVERY) * self.site.people / self.site.rooms * self.site.elsewhere

    def rooms_with_talk_in(self, seconds: float) -> float:
        mean = self.site.people / self.site.rooms
        return self.site.rooms * (1 - math.exp(-mean * self.site.rate * seconds))

    # --- The end ----------------------------------------------------------------------------------------------------

    def outcome(self, seconds: float) -> Outcome:
        shares = [server.share(seconds) for server in self.processes]
        # At the start nothing waits yet.
        ages = sorted(self.ages[len(self.ages) // 5 :])
        return Outcome(
            busiest_process=max(shares),
            process=sum(shares) / len(shares),
            redis=max(server.share(seconds) for server in self.redis),
            postgres=self.postgres.share(seconds),
            p50_ms=1e3 * ages[len(ages) // 2],
            p99_ms=1e3 * ages[len(ages) * 99 // 100],
            reach=self.reached / len(self.ages),
        )


def sizes_of_rooms(people: int, rooms: int) -> list[int]:
    """Return how many people are in each room: at least one, and as many as there are in all."""
    weights = [(number + 1) ** SKEW for number in range(rooms)]
    left, scale = people - rooms, (people - rooms) / sum(weights)
    sizes = [1 + int(weight * scale) for weight in weights]
    for number in range(left - sum(sizes) + rooms):
        sizes[number % rooms] += 1
    return sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("people", "rooms", "processes", "redis-servers", "postgres-cores"):
        parser.add_argument(f"--{name}", type=int, default=getattr(Site, name.replace("-", "_")))
    for name in ("rate", "elsewhere"):
        parser.add_argument(f"--{name}", type=float, default=getattr(Site, name))
    parser.add_argument("--by-room", action="store_true")
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = vars(parser.parse_args())
    seconds = chosen.pop("seconds")
    costs = Costs.measured(Results.load(PUBLISHED))
    print(costs, Simulation(Site(**chosen), costs).run(seconds), sep="\n")


if __name__ == "__main__":
    main()
