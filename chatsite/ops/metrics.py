"""What this process does, for Prometheus, on a port of its own that no visitor reaches."""

import math
from collections.abc import Iterable
from itertools import accumulate

from django.conf import settings
from django.db import DatabaseError, connection
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from chatsite import outbox
from chatsite.models import OutgoingMail
from chatsite.ops import backup_folder, logs
from chatsite.version import VERSION
from rooms.realtime import lifecycle
from rooms.realtime.metrics import BOUNDS, Histogram, counts
from rooms.realtime.writer import writer


def serve() -> None:
    """Answer Prometheus from a thread, where a port is set for it."""
    if not settings.METRICS_PORT:
        return
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(Site())
    start_http_server(settings.METRICS_PORT, settings.METRICS_HOST, registry)


class Site(Collector):
    """Reads the numbers when it is asked, so that keeping them costs next to nothing."""

    def collect(self) -> Iterable[Metric]:
        yield InfoMetricFamily("chatsite", "What this process is of.", value={"version": VERSION})
        yield from self.now()
        yield from self.so_far()
        yield from backups()
        yield from mail()
        yield histogram("commit_seconds", "Storing one batch of posts.", counts.commit)
        yield histogram("fan_out_seconds", "From the commit until all sockets here have the row.", counts.fan_out)

    def now(self) -> Iterable[Metric]:
        hubs = lifecycle.hubs()
        yield gauge("connections", "Sockets that are open.", sum(hub.registry.count() for hub in hubs))
        read_only = any(hub.read_only.is_on for hub in hubs)
        yield gauge("read_only", "1: nobody may write, by `readonly on`.", read_only)
        yield gauge("rooms_open", "Rooms with a socket here.", sum(hub.rooms.count() for hub in hubs))
        waiting = GaugeMetricFamily("chatsite_waiting", "What waits to be done.", labels=["queue"])
        waiting.add_metric(["writer"], writer.waiting)
        waiting.add_metric(["relay"], sum(hub.pubsub.waiting for hub in hubs))
        yield waiting
        yield gauge("redis_up", "1: news reach the other processes at once.", all(hub.pubsub.is_well for hub in hubs))
        up = all(hub.presence_sync.is_up for hub in hubs)
        yield gauge("presence_up", "1: the people of all processes are shown as present.", up)

    def so_far(self) -> Iterable[Metric]:
        posts = CounterMetricFamily("chatsite_posts", "Posts, by how they were answered.", labels=["answer"])
        for answer, count in counts.posts.copy().items():
            posts.add_metric([answer], count)
        yield posts
        closes = CounterMetricFamily("chatsite_closes", "Sockets that the site closed, by code.", labels=["code"])
        for code, count in counts.closes.copy().items():
            closes.add_metric([str(code)], count)
        yield closes
        refused = CounterMetricFamily("chatsite_refused", "Requests that Django refused, by kind.", labels=["kind"])
        for kind, count in logs.refused.copy().items():
            refused.add_metric([kind], count)
        yield refused
        yield counter("deliveries", "Rows times the sockets that they were passed on to.", counts.deliveries)
        yield counter("catch_ups", "Gaps in the news that were read from the database.", counts.catch_ups)
        yield counter("resets", "Clients that started anew from the newest page.", counts.resets)


def backups() -> Iterable[Metric]:
    folder = settings.BACKUP_FOLDER
    if folder is None:
        return
    for name, about, tried in (
        ("backup_age_seconds", "Since the newest backup was taken.", False),
        ("backup_tried_age_seconds", "Since the newest was taken that was restored and verified.", True),
    ):
        try:
            age = backup_folder.age_of_newest(folder, tried=tried)
        except OSError:
            # Not there, or not for this user: to whoever watches, that is no backup.
            age = None
        yield gauge(name, about, age.total_seconds() if age else math.inf)


def mail() -> Iterable[Metric]:
    if not settings.HAS_MAIL_SERVER:
        return
    yield counter("mail_sent", "Mails that the mail server has taken from this process.", outbox.Counts.sent)
    yield counter("mail_given_up", "Mails that this process has given up.", outbox.Counts.given_up)
    try:
        waiting, oldest = OutgoingMail.objects.waiting().count(), outbox.age_of_oldest().total_seconds()
    except DatabaseError:
        return
    finally:
        # Each scrape has a thread of its own.
        connection.close()
    yield gauge("mail_waiting", "Mails that the mail server has yet to take, of the whole site.", waiting)
    yield gauge("mail_oldest_age_seconds", "Since the oldest of them was written; 0 where there is none.", oldest)


def gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"chatsite_{name}", about, value=value)


def counter(name: str, about: str, value: float) -> Metric:
    return CounterMetricFamily(f"chatsite_{name}", about, value=value)


def histogram(name: str, about: str, seen: Histogram) -> Metric:
    bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
    buckets = list(zip(bounds, accumulate(seen.counts), strict=True))
    return HistogramMetricFamily(f"chatsite_{name}", about, buckets=buckets, sum_value=seen.sum)
