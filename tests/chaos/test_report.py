"""What a long run must be: shorter ones are not published as one."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.judge import Verdict
from tests.chaos.planted import Proof
from tests.chaos.report import DOCUMENT, LONG_FAULTS, LONG_SLOTS, Length, Report
from tests.chaos.run import Outcome
from tests.chaos.sabotage import FAULTS


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return Path(shutil.copy(DOCUMENT, tmp_path))


def a_report(
    wanted: Length, *, slots: int = LONG_SLOTS, faults: int = LONG_FAULTS
) -> Report:
    """Of a run in which nothing went wrong."""
    outcome = Outcome(
        Verdict(slots=slots),
        Counter({"kill -9 of a worker": faults}),
        is_quiet=True,
        seconds=1,
        died=0,
        started_by_hand=0,
    )
    return Report("make chaos LONG=1", 987, wanted, outcome)


def test_a_long_run_is_written_into_the_document(document: Path) -> None:
    report = a_report("long")
    report.document(document)
    assert "`make chaos LONG=1 SEED=987`" in document.read_text()
    assert f"| kill -9 of a worker | {LONG_FAULTS} |" in document.read_text()
    assert report.is_good


@pytest.mark.parametrize(
    "too_few", [{"slots": LONG_SLOTS - 1}, {"faults": LONG_FAULTS - 1}]
)
def test_a_long_run_that_was_not_long_fails_and_is_not_published(
    too_few: dict[str, int], document: Path
) -> None:
    report = a_report("long", **too_few)
    report.document(document)
    assert not report.is_good
    assert document.read_text() == DOCUMENT.read_text()
    assert "A long run has 20,000 slots and 500 faults" in "\n".join(report.said())


def test_one_that_was_shortened_may_be_good_and_is_not_published(
    document: Path,
) -> None:
    report = a_report("shortened", slots=600, faults=20)
    report.document(document)
    assert report.is_good
    assert document.read_text() == DOCUMENT.read_text()
    assert "reliability.md is left as it is" in "\n".join(report.said())


def test_a_short_run_owes_no_length() -> None:
    report = a_report("short", slots=180, faults=30)
    assert report.is_good
    assert "A long run" not in "\n".join(report.said())


def test_planted_faults_alone_are_written_into_their_own_section(
    document: Path,
) -> None:
    proof = Proof(FAULTS[0], with_it={FAULTS[0].seen_as[0]: 6})
    Report("make chaos PLANTED=1", 654, proofs=[proof]).document(document)
    before, after = (path.read_text() for path in (DOCUMENT, document))
    run, _, planted = after.partition("<!-- planted: generated -->")
    assert run == before.partition("<!-- planted: generated -->")[0]
    assert "`make chaos PLANTED=1 SEED=654`" in planted
    assert f"| {FAULTS[0].name} |" in planted


def test_the_published_faults_are_all_there_are_and_were_all_caught() -> None:
    planted = DOCUMENT.read_text().partition("<!-- planted: generated -->")[2]
    assert "NOT CAUGHT" not in planted
    for fault in FAULTS:
        assert f"| {fault.name} | {fault.what} |" in planted


def test_the_published_run_is_a_long_one() -> None:
    """By the numbers of the table itself."""
    lines = DOCUMENT.read_text().splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    counts = {row[0]: row[-1].replace(",", "") for row in cells}
    assert int(counts["slots that were due"]) >= LONG_SLOTS
    assert int(counts["faults"]) >= LONG_FAULTS
