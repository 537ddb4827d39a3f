"""Grafana's dashboard and Prometheus' alerts ask for numbers that there are, with the
labels that they have, and no number is left without a look at it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from app.core import measures
from app.services import exposition

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "infrastructure/grafana/cloudrota.json").read_text())
ALERTS = yaml.safe_load((ROOT / "infrastructure/prometheus/alerts.yml").read_text())
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
# What Prometheus and the histogram add.
ADDED = {"job", "le"}
# Of docs/metrics.md, what no panel shows, and why.
NOT_SHOWN: dict[str, str] = {}


def labels_of() -> dict[str, set[str]]:
    """Every number of the product as it is scraped, with its labels."""
    found: dict[str, set[str]] = {"cloudrota_database_up": set()}
    for counter in vars(measures).values():
        if isinstance(counter, MetricWrapperBase):
            labels = set(counter._labelnames)  # noqa: SLF001 — told nowhere else
            (family,) = counter.describe()
            suffix = "_total" if family.type == "counter" else ""
            found[f"{family.name}{suffix}"] = labels
    for name, _, _ in exposition._GAUGES:  # noqa: SLF001 — the table itself
        found[f"cloudrota_{name}"] = set()
    found["cloudrota_executions_queued"] = {"kind", "priority"}
    found["cloudrota_queue_lag_seconds"] = {"kind"}
    return found


LABELS = labels_of()


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DASHBOARD["panels"]
    return found


def asked() -> Iterator[tuple[str, str]]:
    for panel in panels():
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for rule in RULES:
        yield rule["alert"], rule["expr"]


def numbers_in(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each number that is asked for, and the labels that it is asked by."""
    grouped = {
        label.strip()
        for labels in re.findall(r"by \(([^)]*)\)", expression)
        for label in labels.split(",")
    }
    for name, selector in re.findall(r"(cloudrota_\w+)(?:\{([^}]*)\})?", expression):
        yield (
            name.removesuffix("_bucket"),
            set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector)) | grouped,
        )


def test_the_registry_is_what_the_page_names() -> None:
    page = (ROOT / "docs/metrics.md").read_text()
    assert LABELS.keys() == set(re.findall(r"cloudrota_\w+", page))


@pytest.mark.parametrize(("title", "expression"), [*asked()])
def test_asks_for_what_there_is(title: str, expression: str) -> None:
    numbers = list(numbers_in(expression))
    assert numbers, title
    for name, labels in numbers:
        assert name in LABELS
        assert labels - ADDED <= LABELS[name]
    # What Grafana puts in its place is a span like this one.
    promql_parser.parse(expression.replace("$__rate_interval", "5m"))


def test_what_only_rises_is_asked_for_its_rise() -> None:
    for title, expression in asked():
        for name in re.findall(r"cloudrota_\w+_(?:total|bucket)", expression):
            risen = rf"(?:rate|increase)\({name}"
            assert len(re.findall(risen, expression)) == expression.count(name), title


def test_every_number_is_shown_or_there_is_a_reason() -> None:
    shown = {
        name
        for panel in panels()
        for target in panel.get("targets", [])
        for name, _ in numbers_in(target["expr"])
    }
    assert LABELS.keys() - shown == NOT_SHOWN.keys()


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells


def test_the_datasource_is_the_readers_choice() -> None:
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    shown = [panel for panel in panels() if panel["type"] != "row"]
    of = [one["datasource"] for p in shown for one in (p, *p["targets"])]
    of.append(variables["job"]["datasource"])
    assert {(one["type"], one["uid"]) for one in of} == {("prometheus", "${datasource}")}
    assert all({"type", "title", "gridPos", "options"} <= p.keys() for p in shown)
    for panel in shown:
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)


def test_an_alert_says_what_is_wrong_how_bad_and_what_to_do() -> None:
    names = [rule["alert"] for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert rule["labels"]["severity"] in {"page", "ticket", "info"}
        assert rule["annotations"]["summary"]
        assert (ROOT / rule["annotations"]["runbook"]).is_file(), rule["alert"]
        assert re.fullmatch(r"\d+m", rule.get("for", "1m"))


def test_each_trouble_has_its_alert() -> None:
    alerted = {name for rule in RULES for name, _ in numbers_in(rule["expr"])}
    assert alerted >= {
        *("cloudrota_schedule_lag_seconds", "cloudrota_executions_finished_total"),
        *("cloudrota_executions_held", "cloudrota_heartbeat_pings_total"),
        *("cloudrota_database_up", "cloudrota_hints_not_sent_total"),
        *("cloudrota_outbox_oldest_seconds", "cloudrota_outbox_dead_total"),
        *("cloudrota_stripe_events_quarantined", "cloudrota_deliveries_total"),
        "cloudrota_paused_seconds",
    }
