"""What the scopes of an account say about its health now, and what nobody looks at."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.aws.unit import GLOBAL
from app.services.decisions.verdicts import WORST_FIRST

ANYWHERE = "*"
# Whether the account's owner left out a service's check in a region.
IsExcluded = Callable[[str, str, str], bool]

# After the verdicts of resources: what says nothing about health, the nearest to an
# answer first.
_ORDER: tuple[str, ...] = (
    *WORST_FIRST,
    "reachable",
    "excluded",
    "no_resources",
    "not_applicable",
    "not_watched",
)


# Of many accounts these are looked at first: who does not know is not well.
_URGENT = ("unhealthy", "degraded", "unknown", "not_watched")
_URGENCY = (*_URGENT, *(verdict for verdict in _ORDER if verdict not in _URGENT))


def urgency(verdict: str, *, connected: bool) -> int:
    """The least of what is to be looked at first; of a disconnected account nothing
    is expected."""
    return _URGENCY.index(verdict) if connected else len(_URGENCY)


def worst(verdicts: Iterable[str], *, otherwise: str) -> str:
    """The verdict that decides; one that is not known raises ValueError."""
    return min(verdicts, key=_ORDER.index, default=otherwise)


@dataclass(frozen=True, slots=True)
class Watch:
    """Where an enabled health check looks, and by which checks; of regions None is
    every enabled one."""

    services: frozenset[str]
    regions: frozenset[str] | None
    checks: frozenset[str]

    def covers(self, scope: "ScopeState") -> bool:
        in_region = (
            self.regions is None
            or scope.region == GLOBAL
            or scope.region in self.regions
        )
        return in_region and scope.key in self.checks

    def never_read(
        self, service: str, scopes: Sequence["ScopeState"], is_excluded: "IsExcluded"
    ) -> Iterator[tuple[str, str]]:
        """Check and region of what it is to look at and has no scope yet. In which
        regions is not known, where it looks in every enabled one: ANYWHERE."""
        for key in sorted(self.checks):
            if key.partition(":")[0] != service:
                continue
            read = {one.region for one in scopes if one.key == key and self.covers(one)}
            for region in self._regions_beside(read):
                if not is_excluded(service, region, key):
                    yield key, region

    def _regions_beside(self, read: AbstractSet[str]) -> AbstractSet[str]:
        if self.regions is None or not read:
            return set() if read else {ANYWHERE}
        return set() if GLOBAL in read else self.regions - read


@dataclass(frozen=True, slots=True)
class ScopeState:
    """What is stored of one check in one region. `counts` are resources by verdict,
    `exclusion` is the sentence of whoever left the whole check out."""

    service: str
    region: str
    key: str
    verdict: str | None
    counts: Mapping[str, int]
    as_of: datetime | None
    stale_at: datetime | None
    error: Mapping[str, Any] | None
    exclusion: str | None = None

    def look(self, now: datetime) -> "Look":
        """What it says at `now`: a failure or a verdict too old is unknown."""
        if self.exclusion is not None:
            return Look("excluded", None, {}, None)
        if self.error is not None:
            return Look("unknown", str(self.error["category"]), {}, self.as_of)
        if self.verdict is None:
            return Look("unknown", "not_read", {}, self.as_of)
        if self.stale_at is not None and self.stale_at < now:
            return Look("unknown", "stale", {}, self.as_of)
        return Look(self.verdict, None, self.counts, self.as_of)


@dataclass(frozen=True, slots=True)
class Look:
    """A scope's verdict now; `reason` is the code of why it is not known."""

    verdict: str
    reason: str | None
    counts: Mapping[str, int]
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class ServiceHealth:
    """`as_of` is that of the oldest look. `counts` are resources by verdict, where the
    look is known; `not_known` counts the looks that are not, by reason."""

    service: str
    verdict: str
    reason: str | None
    summary: str
    as_of: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    not_known: Mapping[str, int] = field(default_factory=dict)


def account_health(
    scopes: Iterable[ScopeState],
    watches: Sequence[Watch],
    listed: Iterable[str],
    now: datetime,
    *,
    is_excluded: IsExcluded = lambda *_: False,
) -> tuple[ServiceHealth, ...]:
    """One answer, in order of name, for each service that a health check looks at or
    looked at, or of which the inventory has resources (`listed`). What a check is to
    look at and never read is unknown, whatever others found."""
    scopes = list(scopes)
    watched = {name for watch in watches for name in watch.services}
    looks: dict[str, list[Look]] = {name: [] for name in watched | set(listed)}
    for scope in scopes:
        known = looks.setdefault(scope.service, [])
        if any(watch.covers(scope) for watch in watches):
            known.append(scope.look(now))
    for name in watched:
        unread = {
            place
            for watch in watches
            if name in watch.services
            for place in watch.never_read(name, scopes, is_excluded)
        }
        looks[name] += [Look("unknown", "not_read", {}, None)] * len(unread)
    return tuple(
        _sum_up(name, looks[name]) if name in watched else _not_watched(name)
        for name in sorted(looks)
    )


def _not_watched(service: str) -> ServiceHealth:
    summary = "No enabled health check looks at it."
    return ServiceHealth(service, "not_watched", None, summary)


def _sum_up(service: str, looks: Sequence[Look]) -> ServiceHealth:
    if all(look.reason == "not_read" for look in looks):
        return ServiceHealth(service, "unknown", "not_read", "It was not read yet.")
    verdict = worst((look.verdict for look in looks), otherwise="unknown")
    counts: Counter[str] = Counter()
    for look in looks:
        counts.update(look.counts)
    not_known = Counter(look.reason for look in looks if look.reason is not None)
    reason = not_known.most_common(1)[0][0] if not_known else None
    return ServiceHealth(
        service=service,
        verdict=verdict,
        reason=reason if verdict == "unknown" else None,
        summary=_summary(verdict, counts, not_known, len(looks)),
        as_of=min((look.as_of for look in looks if look.as_of), default=None),
        counts=dict(counts),
        not_known=dict(not_known),
    )


def _summary(
    verdict: str, counts: Counter[str], not_known: Counter[str], looks: int
) -> str:
    sentences = []
    if counts[verdict]:
        sentences.append(f"{counts[verdict]} of {counts.total()} resources: {verdict}.")
    elif verdict in _WITHOUT_RESOURCES:
        sentences.append(_WITHOUT_RESOURCES[verdict])
    if not_known:
        reasons = ", ".join(f"{many} {code}" for code, many in not_known.most_common())
        sentences.append(f"{not_known.total()} of {looks} reads not known: {reasons}.")
    return " ".join(sentences)


_WITHOUT_RESOURCES = {
    "excluded": "It is excluded by a user.",
    "no_resources": "Everything was read and there are no resources.",
    "not_applicable": "There is nothing here that it applies to.",
}
