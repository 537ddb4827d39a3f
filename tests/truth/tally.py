"""Judges how each drill ended, and counts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.models.run import Status, UnitStatus
from tests.truth.drills import Breadth, Drill, Injection, UnitName
from tests.truth.stage import BEFORE, Ended, Played

# What must have been drilled at least for the figures to stand.
CURATED_SERVICES = 60
GENERIC: Mapping[Breadth, int] = {"full": 500, "short": 100}


@dataclass
class Tally:
    """What was injected and what became of it; the lists name each thing that is not as
    it must be, in a sentence."""

    injected: int = 0
    services: set[str] = field(default_factory=set)
    curated: set[str] = field(default_factory=set)
    curated_services: set[str] = field(default_factory=set)
    generic: set[tuple[str, str]] = field(default_factory=set)
    untruthful: list[str] = field(default_factory=list)
    miscategorised: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    _doubtful: set[Drill] = field(default_factory=set)

    def doubt(self, drill: Drill, said: str) -> None:
        """Something about this drill could not be played."""
        self.unproven.append(f"{drill.key}: {said}")
        self._doubtful.add(drill)

    def drilled(self, drill: Drill) -> None:
        """Every injection of this drill was played; it counts if all came to pass."""
        if drill in self._doubtful:
            return
        self.services.add(drill.service)
        if drill.is_curated:
            self.curated.add(drill.key)
            self.curated_services.add(drill.service)
        else:
            self.generic.add((drill.kind, drill.key))

    def judge(
        self, drill: Drill, unit: UnitName, injection: Injection, played: Played
    ) -> None:
        """Count one injection, and the one thing that is wrong with its end, if any."""
        where = f"{drill.key} in {unit[1]}, {injection}"
        ended = played.units.get(unit)
        if ended is None or unit not in played.reached:
            self.doubt(drill, f"{where}: never came to pass ({played.error})")
            return
        self.injected += 1
        if injection.category is None:
            self._judge_absence(drill, injection, ended, where)
        elif said := _untruth(ended, played):
            self.untruthful.append(f"{where}: {said}")
        elif said := _mistake(ended.error or {}, injection):
            self.miscategorised.append(f"{where}: {said}")

    def judge_before(self, injection: Injection, played: Played) -> None:
        """Count an injection before the first unit: all of the execution must fail."""
        where = f"before the first unit, {injection}"
        if BEFORE not in played.reached:
            self.unproven.append(f"{where}: never came to pass")
            return
        self.injected += 1
        ends = {one.status for one in played.units.values()}
        if played.status != Status.FAILED or UnitStatus.SUCCEEDED in ends:
            self.untruthful.append(f"{where}: the execution is {played.status}, {ends}")
        elif said := _mistake(played.error or {}, injection):
            self.miscategorised.append(f"{where}: {said}")

    def _judge_absence(
        self, drill: Drill, injection: Injection, ended: Ended, where: str
    ) -> None:
        wanted = (
            UnitStatus.NOT_APPLICABLE
            if drill.ends_not_applicable(injection)
            else UnitStatus.SUCCEEDED
        )
        if ended.status != wanted or ended.error:
            self.untruthful.append(f"{where}: {ended.status}, and not {wanted}")

    def shortfalls(self, curated: int, breadth: Breadth) -> list[str]:
        """What keeps the figures from standing, if all `curated` checks were asked."""
        found = {
            "curated checks": (len(self.curated), curated),
            "services with curated checks": (
                len(self.curated_services),
                CURATED_SERVICES,
            ),
            "generic checks and listings": (len(self.generic), GENERIC[breadth]),
        }
        return [
            f"{have} {what}, where {want} are wanted"
            for what, (have, want) in found.items()
            if have < want
        ]

    def line(self) -> str:
        figures: dict[str, Any] = {
            "injected": self.injected,
            "services": len(self.services),
            "checks": len(self.curated) + len(self.generic),
            "curated": len(self.curated),
            "generic": len(self.generic),
            "untruthful": len(self.untruthful),
            "miscategorised": len(self.miscategorised),
            "unproven": len(self.unproven),
        }
        return json.dumps(figures)


def _untruth(ended: Ended, played: Played) -> str | None:
    """In what the record says otherwise than that the unit failed."""
    if ended.status != UnitStatus.FAILED:
        return f"the unit is {ended.status} ({played.error})"
    if played.status != Status.FAILED:
        return f"the execution is {played.status}"
    if ended.was_read:
        return "the failed read counts as a read"
    if ended.verdict not in (None, "unknown"):
        return f"the verdict is {ended.verdict}"
    return None


def _mistake(error: Any, injection: Injection) -> str | None:
    """In what the failure is told otherwise than it was."""
    if error.get("category") != injection.category:
        return f"told as {error.get('category')}, and not {injection.category}"
    if not error.get("advice"):
        return "told without advice"
    if injection.place.operation != error.get("operation"):
        return f"told of {error.get('operation')}"
    is_answer = injection.fault.name not in _NAMELESS
    if is_answer and error.get("code") != injection.fault.name:
        return f"told with the code {error.get('code')}"
    return None


# A body that is no answer has no code of AWS's.
_NAMELESS = frozenset({"200", "noise"})
