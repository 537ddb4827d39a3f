"""What a run of the proof has counted; of one process."""

import json
from dataclasses import asdict, dataclass

_TOGETHER = 25


@dataclass
class Figures:
    """`wrong` are histories that ended in another entitlement than they must,
    `entitled` those that ended with a plan that is paid for; `quota_overrun` is what
    was made beyond the limit, or short of it, in all races; `read_only` are histories
    that ended past due and were read-only a week later, and `calls_beyond` the most
    calls to AWS that those that ran at the same time made beyond what was left."""

    histories: int = 0
    entitled: int = 0
    wrong: int = 0
    quota_races: int = 0
    quota_overrun: int = 0
    read_only: int = 0
    calls_beyond: int = 0

    def line(self) -> str:
        return json.dumps(asdict(self))


FIGURES = Figures()


@dataclass
class Order:
    """How many histories are to be played, and the seed of the first; of the test suite
    unless the command line says otherwise."""

    histories: int = 12
    first_seed: int = 1

    def parts(self) -> list[range]:
        """The seeds, as many together as share a world: each night reconciles all that
        were ever played in it."""
        end = self.first_seed + self.histories
        return [
            range(first, min(first + _TOGETHER, end))
            for first in range(self.first_seed, end, _TOGETHER)
        ]


ORDER = Order()
