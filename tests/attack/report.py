"""What an attack says at its end: sentences for people on stderr, one line of JSON for
machines on stdout; and whether every figure is what it must be."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

Figures = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a figure must be; `long` is its least in a long run, where that differs."""

    least: float = 0
    most: float = float("inf")
    long: float | None = None

    def admit(self, figure: float, *, long: bool) -> bool:
        least = self.least if self.long is None or not long else self.long
        return least <= figure <= self.most

    def __str__(self) -> str:
        if self.most == self.least:
            return f"exactly {self.least:g}"
        return f"from {self.least:g} to {self.most:g}"


NONE = Bounds(most=0)

# Every figure that a part hands in, in the order of the line.
EXPECTED: Mapping[str, Bounds] = {
    "cases": Bounds(least=5_000, long=50_000),
    "server_errors": NONE,
    "schema_breaks": NONE,
    "ignored_auth": NONE,
    "foreign_leaks": NONE,
    "owners_finds": Bounds(least=40),
    "forged_accepted": NONE,
    "forgeries": Bounds(least=350),
    "ssrf_connections": NONE,
    "ssrf_forms": Bounds(least=60),
    # Of a sample of 120 less by twice its standard error, 0.033; of all, 0.85.
    "mutation_score": Bounds(least=0.78, long=0.85),
    "mutants": Bounds(least=100, long=900),
    "mutants_survived": Bounds(),
    "mutants_late": Bounds(),
    "mutants_wrongly_excused": NONE,
    "refresh_races": Bounds(least=1_000, long=5_000),
    "refresh_race_failures": NONE,
    "login_timing_ratio": Bounds(least=0.8, most=1.25),
    "login_timing_auc": Bounds(least=0.3, most=0.7),
    "login_echo_auc": Bounds(least=0.3, most=0.7),
    "reset_timing_ratio": Bounds(least=0.8, most=1.25),
    "reset_timing_auc": Bounds(least=0.3, most=0.7),
    "mass_assigned": NONE,
    "mass_assignments": Bounds(least=1_000),
}


@dataclass
class Report:
    """Figures of the same name are added up: several parts may count the same."""

    long: bool
    figures: dict[str, int | float] = field(default_factory=dict)

    def add(self, figures: Figures) -> None:
        for name, figure in figures.items():
            self.figures[name] = self.figures.get(name, 0) + figure

    def faults(self, *, partly: bool = False) -> list[str]:
        """What is not as it must be, as sentences. `partly`: not all parts were run,
        and what the others count is not missed."""
        wrong = [
            f"{name} is {figure:g} and nobody has said what it must be"
            for name, figure in self.figures.items()
            if name not in EXPECTED
        ]
        for name, bounds in EXPECTED.items():
            if name not in self.figures:
                wrong += [] if partly else [f"{name} was not counted"]
            elif not bounds.admit(self.figures[name], long=self.long):
                wrong.append(f"{name} is {self.figures[name]:g} and must be {bounds}")
        return wrong

    def line(self) -> str:
        known = [name for name in EXPECTED if name in self.figures]
        others = [name for name in self.figures if name not in EXPECTED]
        return json.dumps({name: self.figures[name] for name in (*known, *others)})


def say(sentence: str) -> None:
    """To whoever looks on."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
