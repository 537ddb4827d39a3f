"""What the workers call: plan the units of a task, list them, check them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.aws import listing, regions
from app.aws.call import Absent, Guard, call
from app.aws.catalog.loader import Operation, Service, catalog
from app.aws.concurrency import in_order
from app.aws.errors import AWSServiceError
from app.aws.listing import Found
from app.aws.paths import search
from app.aws.policy import session_policy
from app.aws.reading import Reading, region_asked
from app.aws.regions import AccountRegions, enabled_regions, require_applicable
from app.aws.services.check import Detail, HealthCheck, Judgement
from app.aws.services.health import check_of, checks_of
from app.aws.session import TenantSession
from app.aws.unit import GLOBAL, Finding, Item, Kind, Unit

__all__ = [
    "AccountRegions",
    "NothingToDo",
    "UnknownRegion",
    "actions_for",
    "calls_at_least",
    "check_pages",
    "enabled_regions",
    "list_pages",
    "require_applicable",
    "rule_of",
    "sessions_for",
    "units_for",
    "unknown_actions_of",
]

ANY_ACTION = ("*",)  # for what needs some action, and nobody knows which


class UnknownRegion(Exception):
    """The partition `aws` has no such region."""

    def __init__(self, region: str) -> None:
        super().__init__(f"there is no AWS region {region!r}")
        self.region = region


class NothingToDo(Exception):
    """A service has nothing of this kind to list or to check; `reason` says why."""

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service}: {reason}")
        self.service = service
        self.reason = reason


# ── planning ─────────────────────────────────────────────────────────────────────


def units_for(
    kind: Kind,
    services: Sequence[str],
    regions: Sequence[str],
    *,
    operations: Sequence[str] = (),
) -> list[Unit]:
    """The units of a task, in the order given, none twice.

    Without `operations` a service gives its default listings, or all its checks; where
    some are named (catalog keys, or check keys), the task is exactly those. Raises
    UnknownService, UnknownRegion, UnknownOperation, UnknownCheck or NothingToDo.
    """
    for region in regions:
        if region not in catalog().regions:
            raise UnknownRegion(region)
    chosen = _named(kind, services, operations) or _all(kind, services)
    units = [
        Unit(kind, operation.service, region, key)
        for key, operation in chosen
        for region in ([GLOBAL] if operation.once_per_account else regions)
    ]
    return list(dict.fromkeys(units))


Chosen = list[tuple[str, Operation]]


def _named(kind: Kind, services: Sequence[str], keys: Sequence[str]) -> Chosen:
    chosen = [(key, _operation(kind, key)) for key in keys]
    for key, operation in chosen:
        if operation.service not in services:
            raise NothingToDo(operation.service, f"{key} is not of a chosen service")
    return chosen


def _operation(kind: Kind, key: str) -> Operation:
    """The listing behind a key: the operation itself, or the one a check reads."""
    return catalog().operation(key if kind == "list" else check_of(key).listing)


def rule_of(kind: Kind, key: str) -> str:
    """A fingerprint of how a unit is read and its things are identified: two reads by
    one rule can be compared."""
    return _operation(kind, key).version


def _all(kind: Kind, services: Sequence[str]) -> Chosen:
    chosen: Chosen = []
    for service in map(catalog().service, services):
        found = _of_service(kind, service)
        if not found:
            what = "listed" if kind == "list" else "checked"
            raise NothingToDo(service.name, service.reason or f"nothing can be {what}")
        chosen += found
    return chosen


def _of_service(kind: Kind, service: Service) -> Chosen:
    if kind == "list":
        return [(one.key, one) for one in service.default_operations()]
    listings = [(one.key, one.listing) for one in checks_of(service.name)]
    return [(key, catalog().operation(listing)) for key, listing in listings]


def actions_for(units: Iterable[Unit]) -> tuple[str, ...]:
    """The IAM actions that these units need, sorted; the look at the account's regions
    included where a unit is regional."""
    needed: set[str] = set()
    for unit in units:
        needed.update(regions.ACTIONS if unit.region != GLOBAL else ())
        needed.update(_actions(unit))
    return tuple(sorted(needed))


def sessions_for(units: Iterable[Unit]) -> dict[Unit, tuple[str, ...]]:
    """The actions that each unit's session must allow: units of one service share one,
    or as few as their actions fit into the policies of."""
    by_service: dict[str, list[Unit]] = defaultdict(list)
    found: dict[Unit, tuple[str, ...]] = {}
    for unit in units:
        if unknown_actions_of(unit):
            found[unit] = ANY_ACTION
        else:
            by_service[unit.service].append(unit)
    for of_service in by_service.values():
        needed = {unit: actions_for([unit]) for unit in of_service}
        packed = _packed(sorted(set(needed.values())))
        found |= {unit: packed[actions] for unit, actions in needed.items()}
    return found


def _packed(sets: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Each of the sets → what a first fit puts it together with in one policy."""
    full: list[tuple[str, ...]] = []
    places: dict[tuple[str, ...], int] = {}
    for actions in sets:
        for place, others in enumerate(full):
            together = tuple(sorted({*others, *actions}))
            if len(session_policy(together)) == 1:
                full[place], places[actions] = together, place
                break
        else:
            places[actions] = len(full)
            full.append(actions)
    return {actions: full[place] for actions, place in places.items()}


def calls_at_least(unit: Unit) -> int:
    """How often reading it asks AWS, where each listing has one page and what it feeds
    or is looked at closer is nothing."""
    operation = _operation(unit.kind, unit.key)
    return listing.calls_at_least(operation, region_asked(operation, unit))


def unknown_actions_of(unit: Unit) -> tuple[str, ...]:
    """The listings that this unit asks of which nobody knows the IAM action."""
    chain = catalog().chain(_operation(unit.kind, unit.key))
    return tuple(operation.key for operation in chain if not operation.iam)


def _actions(unit: Unit) -> Iterable[str]:
    if unit.kind == "health":
        return check_of(unit.key).actions
    chain = catalog().chain(catalog().operation(unit.key))
    return [action for operation in chain for action in operation.iam]


# ── reading ──────────────────────────────────────────────────────────────────────


def list_pages(
    unit: Unit, session: TenantSession, *, guard: Guard
) -> Iterator[list[Item]]:
    """The resources of a `list` unit, page by page as AWS answers them.

    Raises AWSError, NotApplicable, UnknownOperation, or what the guard raises.
    """
    require_applicable(unit)
    reading = Reading(catalog().operation(unit.key), unit, session, guard)
    for page in reading.pages():
        yield [item for _, item in page]


def check_pages(
    unit: Unit, session: TenantSession, *, guard: Guard, now: datetime
) -> Iterator[list[Finding]]:
    """The verdicts of a `health` unit, page by page.

    Raises AWSError, NotApplicable, UnknownCheck, or what the guard raises: an error is
    never a verdict.
    """
    require_applicable(unit)
    check = check_of(unit.key)
    reading = Reading(catalog().operation(check.listing), unit, session, guard)

    def judged(one: tuple[Found, Item]) -> Finding:
        try:
            return _finding(check, reading, one[0].item, one[1], now)
        except _UNEXPECTED as wrong:
            raise reading.listing.failure(
                AWSServiceError,
                "unexpected_item",
                f"{check.key} could not read {one[1].id!r}:"
                f" {type(wrong).__name__}: {wrong}",
            ) from wrong

    for page in reading.pages():
        yield list(in_order(judged, page) if check.details else map(judged, page))


# What a check's own functions raise at an item that is not as its model says.
_UNEXPECTED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


def _finding(
    check: HealthCheck, reading: Reading, raw: Any, item: Item, now: datetime
) -> Finding:
    looked = _look_closer(check, reading, raw, now)
    judgement = GONE if looked.gone else check.judge(looked.document, now)
    facts = {name: search(path, looked.document) for name, path in check.facts.items()}
    safe = reading.clean(
        {
            "reason": judgement.reason,
            "facts": {**reading.masked(facts), **looked.absences},
        }
    )
    return Finding(
        type=item.type,
        id=item.id,
        arn=item.arn,
        name=item.name,
        region=item.region,
        verdict=judgement.verdict,
        reason=safe["reason"],
        facts=safe["facts"],
    )


GONE = Judgement("inactive", "It was deleted between being listed and being described.")


@dataclass(slots=True)
class _Look:
    """An item with the answers of its details, and the absences met on the way."""

    document: dict[str, Any]
    absences: dict[str, str] = field(default_factory=dict)
    gone: bool = False


def _look_closer(
    check: HealthCheck, reading: Reading, raw: Any, now: datetime
) -> _Look:
    look = _Look(dict(raw) if isinstance(raw, dict) else {"value": raw})
    for detail in check.details:
        params = detail.inputs(look.document, now)
        if params is None or look.gone:
            continue
        answer = _ask(detail, reading, look.document, params)
        if isinstance(answer, Absent):
            look.absences[detail.into] = f"{answer.fact} ({answer.code})"
            look.gone = answer.fact == "vanished"
            look.document[detail.into] = None
        else:
            look.document[detail.into] = answer
    return look


def _ask(
    detail: Detail,
    reading: Reading,
    document: Mapping[str, Any],
    params: Mapping[str, Any],
) -> dict[str, Any] | Absent:
    return call(
        reading.session,
        service=detail.service,
        operation=detail.operation,
        region=detail.region(document) if detail.region else reading.region,
        params=params,
        guard=reading.guard,
        absent=detail.absent,
        iam_actions=detail.actions,
    )
