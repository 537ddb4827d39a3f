"""Which units are drilled, where in a unit something goes wrong, and what must come of
it: read from the checks and the catalog as they are now."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Literal
from zlib import crc32

from app.aws.catalog.loader import Operation, catalog
from app.aws.service_models import ALWAYS_ENABLED_REGIONS
from app.aws.services.health import check_of, checks, checks_of
from app.aws.unit import GLOBAL, Kind
from tests.aws.faults import Fault, Refused
from tests.truth.expectations import ALL

REHEARSED_IN = "eu-west-1"
Call = tuple[str, str]  # service and operation
UnitName = tuple[str, str]  # key and region
Breadth = Literal["full", "short"]


@dataclass(frozen=True)
class Place:
    """The nth call (from 0) that a unit makes to an operation."""

    service: str
    operation: str
    nth: int

    @property
    def call(self) -> Call:
        return self.service, self.operation


@dataclass(frozen=True)
class Injection:
    """A fault at a place. `category` is what the unit must fail with; None where the
    fault is an absence that is declared there, and the unit must end with the fact."""

    place: Place
    fault: Fault
    category: str | None
    fact: str | None = None

    def __str__(self) -> str:
        at = self.place
        return f"{self.fault.name} at {at.service}:{at.operation}[{at.nth}]"


@dataclass(frozen=True)
class Drill:
    """One check or one listing, drilled in every way."""

    kind: Kind
    key: str
    is_curated: bool

    @property
    def listing(self) -> Operation:
        key = self.key if self.kind == "list" else check_of(self.key).listing
        return catalog().operation(key)

    @property
    def service(self) -> str:
        return self.listing.service

    @property
    def has_details(self) -> bool:
        """Whether more is asked than listings, for some items or for all."""
        return self.kind == "health" and bool(check_of(self.key).details)

    @property
    def is_global(self) -> bool:
        return self.listing.once_per_account

    @property
    def regions(self) -> tuple[str, ...]:
        """Where the unit can be read, the one for the rehearsal first."""
        if self.is_global:
            return (GLOBAL,)
        offered = catalog().service(self.service).regions or ALWAYS_ENABLED_REGIONS
        found = sorted(offered & ALWAYS_ENABLED_REGIONS) or sorted(offered)
        return tuple(sorted(found, key=lambda region: region != REHEARSED_IN))

    def declared(self) -> dict[Call, list[dict[str, str]]]:
        """By call, the absences that each of its uses in the unit declares."""
        uses = [
            ((one.service, one.name), one.absent)
            for one in catalog().chain(self.listing)
        ]
        if self.kind == "health":
            details = check_of(self.key).details
            uses += [((one.service, one.operation), one.absent) for one in details]
        found: dict[Call, list[dict[str, str]]] = {}
        for call, absent in uses:
            found.setdefault(call, []).append(dict(absent))
        return found

    def ends_not_applicable(self, injection: Injection) -> bool:
        """Whether the absence says that there is nothing to look at in this unit."""
        listed = {(one.service, one.name) for one in catalog().chain(self.listing)}
        is_listing = injection.place.call in listed
        return is_listing and injection.fact == "not_applicable"

    def injections(self, places: list[Place], breadth: Breadth) -> list[Injection]:
        return [*self._faults(places, breadth), *self._absences(places, breadth)]

    def _faults(self, places: list[Place], breadth: Breadth) -> Iterator[Injection]:
        declared = self.declared()
        if breadth == "short":
            places = [one for one in places if one.nth == 0]
        for place in places:
            names = {code for one in declared[place.call] for code in one}
            all_of_them = breadth == "full" and self.is_curated and place.nth == 0
            undeclared = [one for one in ALL if one[0].name not in names]
            # Each place starts elsewhere in the list, the same at every run.
            start = crc32(f"{self.key} {place}".encode()) % len(undeclared)
            turned = [*undeclared[start:], *undeclared[:start]]
            for fault, category in turned if all_of_them else turned[:1]:
                yield Injection(place, fault, category)

    def _absences(self, places: list[Place], breadth: Breadth) -> Iterator[Injection]:
        for place in places:
            first, *others = self.declared()[place.call]
            if place.nth or any(one != first for one in others):
                continue  # it cannot be told which use of the call is the nth
            codes = sorted(first) if breadth == "full" else sorted(first)[:1]
            for code in codes:
                yield Injection(place, Refused(code), None, first[code])


def curated() -> list[Drill]:
    return [Drill("health", key, is_curated=True) for key in checks()]


def generic(count: int) -> list[Drill]:
    """`count` listings and generated checks, of all services in turn."""
    by_service = [_of_service(service) for service in sorted(catalog().services)]
    in_turn = chain.from_iterable(zip_longest(*by_service))
    return list(islice((one for one in in_turn if one is not None), count))


def _of_service(service: str) -> list[Drill]:
    listings = catalog().service(service).default_operations()
    lists = [Drill("list", one.key, is_curated=False) for one in listings]
    generated = [
        Drill("health", one.key, is_curated=False)
        for one in checks_of(service)
        if one.key not in checks()
    ]
    return [one for pair in zip_longest(generated, lists) for one in pair if one]
