"""What is handed to operators to watch a site with asks for nothing that a process does not tell."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import Metric
from pytest_django import Settings

from chatsite.ops import metrics
from tests.servers import PROJECT

ALERTS = PROJECT / "deploy/prometheus/alerts.yml"
DASHBOARD = PROJECT / "deploy/grafana/chatsite.json"
# Words of the query language that look like names.
NAME = re.compile(r"\b(?:chatsite|process)_\w+")


@pytest.fixture
def told(settings: Settings, tmp_path: Path, db: None) -> set[str]:
    """The name of each number that Prometheus gets, where everything is set up."""
    settings.BACKUP_FOLDER, settings.HAS_MAIL_SERVER = tmp_path, True
    found: list[Metric] = [*metrics.Site().collect(), *ProcessCollector(registry=CollectorRegistry()).collect()]
    # Those that have a label get a row with the first that happens.
    ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "info": ["_info"]}
    return {metric.name + end for metric in found for end in ends.get(metric.type, [""])}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def queries() -> Iterator[str]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel["targets"]:
            yield target["expr"]


def test_each_alert_and_panel_asks_for_what_there_is(told: set[str]) -> None:
    asked = {name for query in [*(rule["expr"] for rule in rules()), *queries()] for name in NAME.findall(query)}
    assert len(asked) > 20
    assert asked - told == set()


def test_the_dashboard_shows_all_that_the_site_tells(told: set[str]) -> None:
    shown = {name for query in queries() for name in NAME.findall(query)}
    ours = {name for name in told if name.startswith("chatsite_") and not name.endswith(("_sum", "_count", "_info"))}
    assert ours - shown == set()


def test_the_page_for_operators_names_all_that_the_site_tells(told: set[str]) -> None:
    page = (PROJECT / "docs/deploy.md").read_text()
    ours = {re.sub(r"_(bucket|sum|count)$", "", name) for name in told if name.startswith("chatsite_")}
    assert {name for name in ours if f"`{name}" not in page} == set()


def test_each_alert_says_what_is_wrong_and_how_grave_it_is() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names)
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "warn"}
        assert len(rule["annotations"]["summary"]) > 20
