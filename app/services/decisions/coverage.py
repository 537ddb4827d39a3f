"""What an execution looked at and what it did not, unit by unit."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

# The key of a service of which no unit was planned.
NO_UNIT = "*"
_LIST_OF = {
    "succeeded": "read",
    "failed": "not_read",
    "cancelled": "not_read",
    "not_attempted": "not_read",
    "pending": "not_read",
    "running": "not_read",
    "not_applicable": "not_applicable",
}


@dataclass(frozen=True, slots=True)
class Covered:
    """One unit; `key` is its root operation or check."""

    region: str
    service: str
    key: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class UnitEnd:
    """A unit with its status, and why where it was not read."""

    region: str
    service: str
    key: str
    status: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """What a user chose not to look at: `by` is that user's name."""

    region: str
    service: str
    key: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    read: tuple[Covered, ...]
    not_read: tuple[Covered, ...]
    not_applicable: tuple[Covered, ...]
    excluded: tuple[Covered, ...]

    @property
    def is_complete(self) -> bool:
        """Everything that applies and is not excluded was read, and that is not
        nothing."""
        return bool(self.read) and not self.not_read

    def to_json(self) -> dict[str, list[dict[str, str | None]]]:
        return {
            "read": [asdict(item) for item in self.read],
            "not_read": [asdict(item) for item in self.not_read],
            "not_applicable": [asdict(item) for item in self.not_applicable],
            "excluded": [asdict(item) for item in self.excluded],
        }


def cover(units: Iterable[UnitEnd], exclusions: Iterable[Exclusion] = ()) -> Coverage:
    """Each unit is in exactly one list; one that has not ended is not read. A status
    that is none of a unit's raises KeyError."""
    lists: dict[str, list[Covered]] = {
        "read": [],
        "not_read": [],
        "not_applicable": [],
    }
    for unit in units:
        # The status alone is the reason where nobody gave a better one.
        reason = unit.reason or (None if unit.status == "succeeded" else unit.status)
        item = Covered(unit.region, unit.service, unit.key, reason)
        lists[_LIST_OF[unit.status]].append(item)
    return Coverage(
        read=tuple(lists["read"]),
        not_read=tuple(lists["not_read"]),
        not_applicable=tuple(lists["not_applicable"]),
        excluded=tuple(
            Covered(item.region, item.service, item.key, f"{item.by}: {item.reason}")
            for item in exclusions
        ),
    )
