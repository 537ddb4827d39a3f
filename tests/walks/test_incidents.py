"""At three in the morning: each alarm leads to a runbook, which tells what to look at,
what to do and how one sees that it is over, by commands that there are."""

import re
from pathlib import Path

import pytest

from app.cli.document import commands
from tests.walks.python import ROOT
from tests.walks.test_documents import DOCUMENTS, _code

INCIDENTS = (
    *("api-errors", "audit-chain-broken", "beat-dead", "database-full", "key-leaked"),
    *("kms-denied", "mail-not-sent", "notices-set-aside", "queue-lag", "redis-away"),
    *("restore", "stripe-webhooks", "tenant-storm", "worker-lost"),
)
_SAID = re.compile(r'\b(?:said|description)\s*=\s*"([^"]*)"')
_RUNBOOK = re.compile(r"docs/runbooks/([a-z-]+)\.md")
_COMMAND = re.compile(r"(?<![\w/.])cloudrota ([a-z][a-z-]*(?: [a-z][a-z-]*)?)")
_METRIC = re.compile(r"\bcloudrota_[a-z_]+\b")
COMMANDS = {name for name, _ in commands()}
_GROUPS = {name.partition(" ")[0] for name in COMMANDS if " " in name}


def _said(source: str) -> list[str]:
    return _SAID.findall((ROOT / source).read_text("utf-8"))


def test_each_alarm_names_a_runbook_that_is_there() -> None:
    alarms = _said("infrastructure/product/alarms.tf")
    alarms += _said("infrastructure/modules/observability/main.tf")
    assert len(alarms) > 12
    unled = [said for said in alarms if not _RUNBOOK.search(said)]
    assert unled == []
    named = {name for said in alarms for name in _RUNBOOK.findall(said)}
    assert named <= set(INCIDENTS)


def _alarms() -> set[str]:
    text = (ROOT / "infrastructure/product/alarms.tf").read_text("utf-8")
    inline = re.findall(r"(?m)^\s+([a-z-]+)\s+= \{ metric", text)
    blocks = re.findall(r"(?m)^    ([a-z-]+) = \{$", text)
    return {*inline, *blocks}


@pytest.mark.parametrize("name", INCIDENTS)
def test_a_runbook_tells_alarm_look_act_and_end(name: str) -> None:
    text = (ROOT / f"docs/runbooks/{name}.md").read_text("utf-8")
    headings = re.findall(r"(?m)^## (.*)$", text)
    assert headings.index("The alarm") < headings.index("What to look at")
    assert headings[-1] in {"When it is over", "The drill"}
    assert {"What to do", "Afterwards"} & {*headings}
    look = text.partition("## What to look at")[2] + text.partition("## The alarm")[2]
    assert _COMMAND.search(look) or _METRIC.search(look)


def test_each_alarm_is_named_by_the_runbook_that_it_leads_to() -> None:
    told = "\n".join(
        (ROOT / f"docs/runbooks/{name}.md").read_text("utf-8") for name in INCIDENTS
    )
    assert len(_alarms()) > 8
    assert {one for one in _alarms() if f"`{one}`" not in told} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_document_names_only_operators_commands_that_there_are(
    document: Path,
) -> None:
    for code in _code(document):
        for words in _COMMAND.findall(code):
            first = words.partition(" ")[0]
            asked = words if first in _GROUPS else first
            assert asked in COMMANDS | _GROUPS, code


def test_metrics_of_runbooks_are_documented() -> None:
    known = _METRIC.findall((ROOT / "docs/metrics.md").read_text("utf-8"))
    named = {
        metric
        for name in INCIDENTS
        for metric in _METRIC.findall(
            (ROOT / f"docs/runbooks/{name}.md").read_text("utf-8")
        )
    }
    assert named - {*known} == set()
