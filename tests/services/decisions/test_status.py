"""Statuses: legal moves and what the parts say about the whole."""

from itertools import product
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.status import (
    MOVES,
    Kind,
    execution_status,
    has_ended,
    may_move,
    run_status,
)

EXECUTION = [
    "queued",
    "running",
    "succeeded",
    "failed",
    "interrupted",
    "cancelled",
    "skipped",
]
UNIT = [
    "pending",
    "running",
    "succeeded",
    "failed",
    "cancelled",
    "not_attempted",
    "not_applicable",
]
EXECUTIONS = st.lists(st.sampled_from(EXECUTION))
UNITS = st.lists(st.sampled_from(UNIT))

LEGAL: dict[Kind, set[str]] = {
    "execution": {
        "queued running",
        "queued failed",
        "queued cancelled",
        "queued skipped",
        "running queued",
        "running succeeded",
        "running failed",
        "running interrupted",
        "running cancelled",
        "running skipped",
    },
    "run": {
        "queued running",
        "queued succeeded",
        "queued failed",
        "queued interrupted",
        "queued cancelled",
        "queued skipped",
        "running queued",
        "running succeeded",
        "running failed",
        "running interrupted",
        "running cancelled",
        "running skipped",
    },
    "unit": {
        "pending running",
        "pending failed",
        "pending cancelled",
        "pending not_attempted",
        "pending not_applicable",
        "running pending",
        "running succeeded",
        "running failed",
        "running cancelled",
        "running not_applicable",
        "failed pending",
        "cancelled pending",
        "not_attempted pending",
    },
}


@pytest.mark.parametrize("kind", ["run", "execution", "unit"])
def test_only_the_listed_moves_are_legal(kind: Kind) -> None:
    names = UNIT if kind == "unit" else EXECUTION
    assert set(MOVES[kind]) == set(names)
    legal = {f"{o} {n}" for o, n in product(names, names) if may_move(kind, o, n)}
    assert legal == LEGAL[kind]


ENDS: tuple[Literal["run", "execution"], ...] = ("run", "execution")


@pytest.mark.parametrize("kind", ENDS)
def test_nothing_follows_an_end(kind: Literal["run", "execution"]) -> None:
    for old, new in product(MOVES[kind], MOVES[kind]):
        assert not (has_ended(kind, old) and may_move(kind, old, new))
    assert not has_ended(kind, "running")
    assert has_ended(kind, "interrupted")


def test_what_was_read_is_never_read_again() -> None:
    for answered in ("succeeded", "not_applicable"):
        assert not any(may_move("unit", answered, new) for new in UNIT)


def test_an_unknown_status_is_an_error_and_not_a_no() -> None:
    with pytest.raises(KeyError):
        may_move("execution", "done", "queued")
    with pytest.raises(ValueError, match="done"):
        run_status(["succeeded", "done"])
    with pytest.raises(ValueError, match="queued"):
        execution_status(["queued"])


@pytest.mark.parametrize(
    ("executions", "status", "sentence"),
    [
        ([], "skipped", "No account is targeted."),
        (["queued", "queued"], "queued", "2 of 2 executions queued."),
        (["queued", "failed"], "running", "1 of 2 executions not finished."),
        (["running"], "running", "1 of 1 execution not finished."),
        (["succeeded", "succeeded"], "succeeded", "2 of 2 executions succeeded."),
        (["succeeded", "skipped"], "skipped", "1 of 2 executions skipped."),
        (["skipped", "cancelled"], "cancelled", "1 of 2 executions cancelled."),
        (["cancelled", "failed", "failed"], "failed", "2 of 3 executions failed."),
        (["failed", "interrupted"], "interrupted", "1 of 2 executions interrupted."),
    ],
)
def test_the_worst_execution_decides_about_the_run(
    executions: list[str], status: str, sentence: str
) -> None:
    rolled = run_status(executions)
    assert (rolled.status, rolled.sentence) == (status, sentence)
    assert rolled.reason == (None if executions else "no_targets")


@given(EXECUTIONS)
def test_a_run_succeeds_only_if_all_its_executions_do(executions: list[str]) -> None:
    succeeded = bool(executions) and set(executions) == {"succeeded"}
    assert (run_status(executions).status == "succeeded") == succeeded


@given(EXECUTIONS)
def test_a_run_ends_when_its_executions_have_ended(executions: list[str]) -> None:
    unfinished = {"queued", "running"} & set(executions)
    assert has_ended("run", run_status(executions).status) == (not unfinished)


@pytest.mark.parametrize(
    ("units", "status", "sentence"),
    [
        ([], "skipped", "There is nothing to look at."),
        (["pending", "failed"], "running", "1 of 2 units not finished."),
        (["failed", "cancelled", "not_attempted"], "failed", "1 of 3 units failed."),
        (
            ["succeeded", "cancelled", "not_attempted"],
            "cancelled",
            "2 of 3 units not read.",
        ),
        (["succeeded", "not_attempted"], "cancelled", "1 of 2 units not read."),
        (
            ["succeeded", "not_applicable"],
            "succeeded",
            "1 of 2 units read, none failed.",
        ),
        (["not_applicable"], "succeeded", "0 of 1 unit read, none failed."),
    ],
)
def test_the_units_decide_about_the_execution(
    units: list[str], status: str, sentence: str
) -> None:
    rolled = execution_status(units)
    assert (rolled.status, rolled.sentence) == (status, sentence)
    assert rolled.reason == (None if units else "no_targets")


@given(UNITS)
def test_an_execution_with_an_unread_unit_never_succeeds(units: list[str]) -> None:
    if execution_status(units).status == "succeeded":
        assert set(units) <= {"succeeded", "not_applicable"}
