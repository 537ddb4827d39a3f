"""The ratios to a peer: of the best rounds, none where they found different things."""

import os
import sys
from pathlib import Path

import pytest

from tests.bench.peer import LeftOut, PeerFailed, Spent, run
from tests.bench.versus import Gate, Seen, Versus

FOUND = {"lambda": 10, "dynamodb": 560}
GATES = (Gate("aws_vs_c7n_wall", "wall", 0.5), Gate("aws_vs_c7n_cpu", "cpu", 1.0))
SCRIPT = """
import sys
held = b"x" * 64 * 1024 * 1024
sum(range(2_000_000))
print("it was here")
sys.exit(int(sys.argv[1]))
"""


def seen(wall: float, cpu: float, **found: int) -> Seen:
    return Seen(Spent(wall, cpu, 100), found or FOUND)


def versus(ours: list[Seen], theirs: list[Seen] | LeftOut) -> Versus:
    return Versus("The account", "The peer", GATES, ours, theirs)


def test_the_best_rounds_are_compared() -> None:
    found = versus([seen(3, 2), seen(2, 4)], [seen(10, 5), seen(8, 4)])
    assert found.ratios() == {"aws_vs_c7n_wall": 0.25, "aws_vs_c7n_cpu": 0.5}
    assert found.is_as_promised()


@pytest.mark.parametrize(("wall", "cpu"), [(5.1, 2), (2, 4.1)])
def test_each_gate_holds(wall: float, cpu: float) -> None:
    assert not versus([seen(wall, cpu)], [seen(10, 4)]).is_as_promised()


def test_a_peer_that_found_something_else_is_not_compared() -> None:
    found = versus([seen(1, 1)], [seen(10, 10), seen(10, 10, dynamodb=559)])
    assert found.ratios() == {}
    assert not found.is_as_promised()
    assert "  they did not find the same: not compared" in found.lines()
    assert any("560 dynamodb, 10 lambda or 559 dynamodb" in x for x in found.lines())


def test_nothing_is_not_the_same_as_nothing() -> None:
    assert versus([seen(1, 1, kms=0)], [seen(9, 9, kms=0)]).ratios() == {}


def test_a_peer_left_out_has_a_reason_and_no_ratio() -> None:
    found = versus([seen(1, 1)], LeftOut("it is not there"))
    assert "  The peer: left out, it is not there" in found.lines()
    assert found.ratios() == {}
    assert found.is_as_promised()


def test_what_a_process_took_is_its_own(tmp_path: Path) -> None:
    spent = run([sys.executable, "-c", SCRIPT, "0"], os.environ, tmp_path)
    assert 64 < spent.most_mib < 128
    assert 0 < spent.cpu <= spent.wall + 1


def test_a_peer_that_fails_is_told_with_what_it_wrote(tmp_path: Path) -> None:
    with pytest.raises(PeerFailed, match="ended with 3") as failed:
        run([sys.executable, "-c", SCRIPT, "3"], os.environ, tmp_path)
    assert failed.value.__notes__ == ["it was here\n"]
