"""The report is good only where every figure is what it must be."""

import json

import pytest

from tests.attack.__main__ import Parts, main
from tests.attack.report import EXPECTED, Bounds, Figures, Report

GOOD: Figures = {
    name: bounds.least if bounds.long is None else bounds.long
    for name, bounds in EXPECTED.items()
}
WORSE = [
    (name, worse)
    for name, bounds in EXPECTED.items()
    for worse, is_bounded in (
        (bounds.least - 0.01, bounds.least > 0),
        (bounds.most + 1, bounds.most < float("inf")),
    )
    if is_bounded
]


def report(figures: Figures, *, long: bool = False) -> Report:
    made = Report(long=long)
    made.add(figures)
    return made


@pytest.mark.parametrize("long", [False, True])
def test_is_good_where_all_is_as_it_must_be(*, long: bool) -> None:
    assert report(GOOD, long=long).faults() == []


@pytest.mark.parametrize(("name", "worse"), WORSE)
def test_names_a_figure_that_is_not_what_it_must_be(name: str, worse: float) -> None:
    (fault,) = report({**GOOD, name: worse}).faults()
    assert fault.startswith(f"{name} is ")


@pytest.mark.parametrize("name", EXPECTED)
def test_misses_a_figure_that_nobody_counted(name: str) -> None:
    figures = {**GOOD}
    del figures[name]
    assert report(figures).faults() == [f"{name} was not counted"]
    assert report(figures).faults(partly=True) == []


def test_knows_every_figure() -> None:
    (fault,) = report({**GOOD, "surprises": 0}).faults()
    assert fault.startswith("surprises is 0 and nobody has said")


def test_a_long_run_must_be_long() -> None:
    cases = {**GOOD, "cases": EXPECTED["cases"].least}
    assert report(cases).faults() == []
    assert report(cases, long=True).faults() != []


def test_adds_up_what_several_parts_count() -> None:
    made = report(GOOD)
    made.add({"foreign_leaks": 2})
    assert json.loads(made.line())["foreign_leaks"] == 2
    assert made.faults() != []


def test_says_what_a_figure_must_be() -> None:
    assert str(Bounds(most=0)) == "exactly 0"
    assert str(Bounds(least=0.5, most=2)) == "from 0.5 to 2"


@pytest.mark.parametrize(
    ("found", "given", "code"),
    [
        (GOOD, [], 0),
        ({**GOOD, "server_errors": 1}, [], 1),
        ({"server_errors": 0}, [], 1),
        ({"server_errors": 0}, ["--only=planted"], 0),
        ({"server_errors": 1}, ["--only=planted"], 1),
    ],
)
def test_ends_with_a_line_of_json_and_an_exit_code(
    found: Figures, given: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def planted(*, long: bool, seed: int) -> Figures:
        assert (long, seed) == (False, 7)
        return found

    parts = Parts(on_ground={}, alone={"planted": planted})
    assert main([*given, "--seed=7"], parts) == code
    said = capsys.readouterr()
    assert json.loads(said.out.splitlines()[-1]) == found
    assert "seed 7" in said.err
