"""Plays drills together: once without a fault, to learn what each asks, then with each
of their injections, one to a unit."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.aws.catalog.loader import catalog
from app.models.run import UnitStatus
from tests.truth.drills import Breadth, Call, Drill, Injection, Place
from tests.truth.expectations import ALL
from tests.truth.stage import PREAMBLE, Lane, Played, Scene, Stage
from tests.truth.tally import Tally

TOGETHER = 24  # drills in one execution
REGIONS = 16  # in one execution


def companies(drills: Iterable[Drill]) -> list[list[Drill]]:
    """Drills that can be played together: of one kind, at home in the same region, and
    none making a call that another makes. Those of a service share its clients."""
    found: list[tuple[tuple[object, ...], set[Call], list[Drill]]] = []
    for drill in sorted(drills, key=lambda one: (one.service, one.key)):
        calls = set(drill.declared())
        kin = (drill.kind, drill.is_curated, drill.regions[0])
        for kind, taken, company in found:
            if kind == kin and len(company) < TOGETHER and not taken & calls:
                taken.update(calls)
                company.append(drill)
                break
        else:
            found.append((kin, calls, [drill]))
    return [company for _, _, company in found]


@dataclass(frozen=True)
class _Part:
    """A drill, what is still to be injected, and where: only at home if its unit asks
    in other regions as well."""

    drill: Drill
    waiting: list[Injection]
    regions: tuple[str, ...]

    def take(self, regions: Iterable[str]) -> dict[str, Injection]:
        """The next injections, one for each of these regions while there are any."""
        mine = [one for one in regions if one in self.regions]
        return {one: self.waiting.pop() for one in mine if self.waiting}


def _unrehearsed(drill: Drill) -> _Part:
    """A drill of listings alone, whose calls are known before they are seen."""
    asked = catalog().chain(drill.listing)
    places = [Place(one.service, one.name, 0) for one in asked]
    injections = drill.injections(places, "short")
    if not drill.is_curated:
        injections = injections[:1]
    return _Part(drill, injections, drill.regions)


@dataclass(frozen=True)
class Rehearsal:
    stage: Stage
    lane: Lane
    breadth: Breadth
    tally: Tally

    async def play(self, company: list[Drill]) -> None:
        """Every injection of these drills; what cannot be rehearsed is unproven."""
        known = [one for one in company if self._is_known(one)]
        parts = [_unrehearsed(one) for one in known]
        if unknown := [one for one in company if one not in known]:
            parts += await self._rehearse(unknown)
        while parts:
            await self._play_round(parts)
            for one in parts:
                if not one.waiting:
                    self.tally.drilled(one.drill)
            parts = [one for one in parts if one.waiting]

    def _is_known(self, drill: Drill) -> bool:
        return self.breadth == "short" and not drill.has_details

    async def _rehearse(self, company: list[Drill]) -> list[_Part]:
        home = company[0].regions[0]
        clean = await self.stage.play(self.lane, Scene(company, [home]))
        return [one for drill in company if (one := self._part(drill, clean, home))]

    def _part(self, drill: Drill, clean: Played, home: str) -> _Part | None:
        unit = clean.units.get((drill.key, home))
        asked = clean.asked.get((drill.key, home), [])
        if unit is None or unit.status != UnitStatus.SUCCEEDED or not asked:
            said = clean.error or (unit and unit.error) or "no call that is its own"
            self.tally.doubt(drill, f"without a fault it ends with {said}")
            return None
        elsewhere = any(region != home for region, _ in asked)
        places: list[Place] = [place for _, place in asked]
        return _Part(
            drill,
            drill.injections(places, self.breadth),
            drill.regions[:1] if elsewhere else drill.regions,
        )

    async def _play_round(self, parts: list[_Part]) -> None:
        """One execution: of those that stay at home, or of those that need not. It has
        as many regions as the least of them can use."""
        playing = [one for one in parts if len(one.regions) == 1] or parts
        count = min(REGIONS, *(len(one.waiting) for one in playing))
        regions = playing[0].regions[:count]
        plan = {
            (one.drill.key, region): injection
            for one in playing
            for region, injection in one.take(regions).items()
        }
        drills = {one.drill.key: one.drill for one in playing}
        played = await self.stage.play(
            self.lane, Scene(list(drills.values()), regions, plan)
        )
        for unit, injection in plan.items():
            self.tally.judge(drills[unit[0]], unit, injection, played)

    async def play_preamble(self, drill: Drill) -> None:
        """Every fault at each call that is made before the first unit."""
        faults = ALL if self.breadth == "full" else ALL[::5]
        for service, operation in PREAMBLE:
            for fault, category in faults:
                injection = Injection(Place(service, operation, 0), fault, category)
                scene = Scene([drill], drill.regions[:1], before=injection)
                played = await self.stage.play(self.lane, scene)
                self.tally.judge_before(injection, played)
