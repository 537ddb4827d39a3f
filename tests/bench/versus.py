"""The worker beside a tool that does the same on the same account: several rounds in
turns, of each the best."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.peer import LeftOut, Spent


@dataclass(frozen=True)
class Seen:
    """What one round took, and how many of each kind it found."""

    spent: Spent
    found: Mapping[str, int]


@dataclass(frozen=True)
class Gate:
    """A figure: ours by theirs of one member of `Spent`, and the most it may be."""

    figure: str
    member: str
    most: float


@dataclass(frozen=True)
class Versus:
    """`theirs` is the reason where the peer was left out."""

    title: str
    peer: str
    gates: Sequence[Gate]
    ours: Sequence[Seen]
    theirs: Sequence[Seen] | LeftOut
    start: Spent | None = None  # what the peer takes for an account with nothing in it

    @property
    def is_equal(self) -> bool:
        """Whether both always found the same, and something."""
        if isinstance(self.theirs, LeftOut):
            return False
        first = self.ours[0].found
        all_rounds = (*self.ours, *self.theirs)
        return any(first.values()) and all(one.found == first for one in all_rounds)

    def lines(self) -> Iterable[str]:
        yield self.title
        yield from _told("worker", self.ours)
        if isinstance(self.theirs, LeftOut):
            yield f"  {self.peer}: left out, {self.theirs}"
            return
        yield from _told(self.peer, self.theirs)
        if self.start is not None:
            start = self.start
            yield f"    of an empty one  {start.wall:8.2f} s {start.cpu:8.2f} s CPU"
        if not self.is_equal:
            yield "  they did not find the same: not compared"

    def ratios(self) -> dict[str, float]:
        """None where the two cannot be compared."""
        if isinstance(self.theirs, LeftOut) or not self.is_equal:
            return {}
        return {
            gate.figure: round(
                _least(self.ours, gate.member) / _least(self.theirs, gate.member), 2
            )
            for gate in self.gates
        }

    def is_as_promised(self) -> bool:
        """A peer that is missing breaks no promise, one that found something else
        does: then the benchmark is wrong."""
        if isinstance(self.theirs, LeftOut):
            return True
        ratios = self.ratios()
        return bool(ratios) and all(
            ratios[one.figure] <= one.most for one in self.gates
        )


def _least(rounds: Sequence[Seen], member: str) -> float:
    return min(float(getattr(one.spent, member)) for one in rounds)


def _told(name: str, rounds: Sequence[Seen]) -> Iterable[str]:
    wall, cpu, mib = (_least(rounds, each) for each in ("wall", "cpu", "most_mib"))
    found = {str(sorted(one.found.items())): one.found for one in rounds}
    listed = " or ".join(
        ", ".join(f"{number:,} {kind}" for kind, number in sorted(one.items()))
        for one in found.values()
    )
    yield f"  {name:18} {wall:8.2f} s {cpu:8.2f} s CPU {mib:6.0f} MiB  {listed}"
