"""The tables of docs/scaling.md and docs/cost.md are those that the figures make."""

import re
from pathlib import Path

import pytest

from tests.bench import sizing

DOCUMENTS = (sizing.SCALING, sizing.COST)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_tables_are_fresh(path: Path) -> None:
    assert path.read_text() == sizing.render(path), "python -m tests.bench.sizing"


def test_each_table_stands_in_a_document() -> None:
    text = "".join(path.read_text() for path in DOCUMENTS)
    begun = set(re.findall(r"<!-- (\w+) -->", text))
    assert begun == {"scaling", "worst_minute", "monthly", "marginal", "measured"}
    assert begun == set(re.findall(r"<!-- end of (\w+) -->", text))


def test_other_figures_make_other_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = sizing.MEASURED["per_1000_executions"]
    doubled = {name: 2 * value for name, value in spent.items()}
    monkeypatch.setitem(sizing.MEASURED, "per_1000_executions", doubled)
    monkeypatch.setattr(sizing, "FARGATE_VCPU", 1.0)
    for path in DOCUMENTS:
        assert path.read_text() != sizing.render(path)


def test_the_figures_that_the_text_names_are_those_measured() -> None:
    text = sizing.SCALING.read_text()
    assert f"{sizing.MEASURED['per_call']['worker_cpu_ms']} ms" in text
    assert f"{sizing.MEASURED['hint_bytes']} bytes" in text
    assert f"with {sizing.CALLS} calls" in text
    assert f"takes {sizing.SECONDS:.0f} seconds" in text
    assert f"{sizing.AT_ONCE} at a time" in text


def test_every_class_of_the_terraform_has_a_price() -> None:
    for environment in ("staging", "production"):
        size = sizing.size_of(environment)
        assert size["database"]["instance_class"].strip('"') in sizing.DATABASE
        assert size["cache"]["node_type"].strip('"') in sizing.CACHE
    assert sizing.endpoints() == 6
