"""The health of accounts as it is known now: verdicts by account and service, what is
too old to be one, and what nobody watches."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.aws.services.health import checks_of
from app.core.actor import Actor
from app.models.aws_account import AWSAccount
from app.models.inventory import Scope
from app.models.task import Task, TaskTarget, TaskType, TaskVersion
from app.services.check_tiers import tier_of
from app.services.decisions.exclusions import ExclusionRule, excluding_unit, parse
from app.services.decisions.health import (
    ScopeState,
    Watch,
    account_health,
    urgency,
    worst,
)
from app.services.decisions.labels import matches
from app.services.paging import Page, Slice, paginate
from app.services.scoping import visible_accounts


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """`as_of` is that of the oldest look that it rests on."""

    id: UUID
    account_id: str
    name: str
    labels: dict[str, Any]
    connected: bool
    verdict: str
    as_of: datetime | None
    services: tuple[dict[str, Any], ...]

    @property
    def urgency(self) -> tuple[int, str]:
        """Who is to be looked at first has the least."""
        return urgency(self.verdict, connected=self.connected), self.name


@dataclass(frozen=True, slots=True)
class HealthSummary:
    """How many `accounts` are seen; of those connected how many have which verdict;
    and those to be looked at first."""

    accounts: int
    verdicts: Mapping[str, int]
    first: Sequence[AccountHealth]


@dataclass(slots=True)
class _Known:
    """What is known of one account: its health checks' scopes, and the services of
    which the inventory has resources."""

    scopes: list[ScopeState] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)


SHOWN_FIRST = 20
_AT_ONCE = Page(50)


async def summary(session: AsyncSession, actor: Actor) -> HealthSummary:
    """How all accounts are, however many."""
    accounts, verdicts = 0, Counter[str]()
    first: list[AccountHealth] = []
    found = await page_of(session, actor, _AT_ONCE)
    while found.items:
        accounts += len(found.items)
        verdicts.update(one.verdict for one in found.items if one.connected)
        first = heapq.nsmallest(
            SHOWN_FIRST, [*first, *found.items], key=lambda one: one.urgency
        )
        if found.next_cursor is None:
            break
        page = Page(_AT_ONCE.limit, found.next_cursor)
        found = await page_of(session, actor, page)
    return HealthSummary(accounts, verdicts, first)


async def page_of(
    session: AsyncSession,
    actor: Actor,
    page: Page,
    *,
    account_id: UUID | None = None,
    service: str | None = None,
) -> Slice[AccountHealth]:
    """Accounts in the order in which they were connected, each with its services."""
    statement = select(AWSAccount).where(visible_accounts(actor))
    if account_id is not None:
        statement = statement.where(AWSAccount.id == account_id)
    found = await paginate(
        session, statement, page, by=[AWSAccount.id], descending=False
    )
    known = await _known_of(session, actor, found.items, service)
    watches = await _watches_of(session, actor, found.items)
    now = await session.scalar(select(func.app_now()))
    assert now is not None
    return Slice(
        [
            _sum_up(account, known[account.id], watches[account.id], now, service)
            for account in found.items
        ],
        found.next_cursor,
    )


def _sum_up(
    account: AWSAccount,
    known: _Known,
    watches: Sequence[Watch],
    now: datetime,
    service: str | None,
) -> AccountHealth:
    rules = parse(account.exclusions)
    services = account_health(
        [_excluded_by(rules, scope) for scope in known.scopes]
        if rules
        else known.scopes,
        watches,
        known.listed,
        now,
        is_excluded=lambda service, region, key: (
            excluding_unit(rules, service=service, region=region, key=key) is not None
        ),
    )
    shown = tuple(one for one in services if service in (None, one.service))
    tiers = _tiers(known.scopes)
    watched = [one for one in shown if one.verdict != "not_watched"]
    return AccountHealth(
        id=account.id,
        account_id=account.account_id,
        name=account.name,
        labels=account.labels,
        connected=account.connected,
        verdict=worst((one.verdict for one in watched), otherwise="not_watched"),
        as_of=min((one.as_of for one in watched if one.as_of), default=None),
        services=tuple(asdict(one) | {"tiers": tiers[one.service]} for one in shown),
    )


def _tiers(scopes: Sequence[ScopeState]) -> dict[str, list[str]]:
    """By service, the tiers of the checks that looked at it."""
    found: dict[str, set[str]] = defaultdict(set)
    for service, key in {(scope.service, scope.key) for scope in scopes}:
        tier = tier_of(key)
        if tier is not None:
            found[service].add(tier)
    return defaultdict(list, {name: sorted(tiers) for name, tiers in found.items()})


def _excluded_by(rules: Sequence[ExclusionRule], scope: ScopeState) -> ScopeState:
    rule = excluding_unit(
        rules, service=scope.service, region=scope.region, key=scope.key
    )
    return scope if rule is None else replace(scope, exclusion=rule.sentence)


async def _known_of(
    session: AsyncSession,
    actor: Actor,
    accounts: Sequence[AWSAccount],
    service: str | None,
) -> dict[UUID, _Known]:
    """By account. There is a scope for each check in each region, and most regions say
    the same: the database gathers those, for to read each by itself takes seconds."""
    theirs = [
        Scope.organization_id == actor.organization_id,
        Scope.aws_account_id.in_([account.id for account in accounts]),
    ]
    if service is not None:
        theirs.append(Scope.service == service)
    said = (Scope.service, Scope.key, Scope.verdict, Scope.counts, Scope.error)
    where = [func.array_agg(one) for one in (Scope.region, Scope.as_of, Scope.stale_at)]
    checks: Select[Any] = (
        select(Scope.aws_account_id, *said, *where)  # type: ignore[assignment]  # its types are too many
        .where(*theirs, Scope.kind == "health")
        .group_by(Scope.aws_account_id, *said)
    )
    items = Scope.counts["items"].astext.cast(Integer)
    listed = select(Scope.aws_account_id, Scope.service).where(*theirs, items > 0)
    found: dict[UUID, _Known] = defaultdict(_Known)
    for row in await session.execute(checks):
        aws_account_id, name, key, verdict, counts, error, *regions = row
        found[aws_account_id].scopes += [
            ScopeState(name, region, key, verdict, counts, as_of, stale_at, error)
            for region, as_of, stale_at in zip(*regions, strict=True)
        ]
    for aws_account_id, name in await session.execute(listed.distinct()):
        found[aws_account_id].listed.add(name)
    return found


async def _watches_of(
    session: AsyncSession, actor: Actor, accounts: Sequence[AWSAccount]
) -> dict[UUID, list[Watch]]:
    """Where enabled health checks look, by account: those that name it, and those
    whose selector its labels match. A disconnected or paused account is in none."""
    named = (
        select(TaskTarget.task_id, TaskTarget.aws_account_id)
        .where(
            TaskTarget.organization_id == actor.organization_id,
            TaskTarget.aws_account_id.in_([account.id for account in accounts]),
        )
        .subquery()
    )
    rows = await session.execute(
        select(Task.selector, named.c.aws_account_id, TaskVersion)
        .join(
            TaskVersion,
            (TaskVersion.organization_id == Task.organization_id)
            & (TaskVersion.task_id == Task.id)
            & (TaskVersion.version == Task.version),
        )
        .outerjoin(named, named.c.task_id == Task.id)
        .where(
            Task.organization_id == actor.organization_id,
            Task.enabled,
            TaskVersion.type == TaskType.HEALTH_CHECK,
        )
    )
    watched = [one for one in accounts if one.connected and one.paused_at is None]
    found: dict[UUID, list[Watch]] = defaultdict(list)
    for selector, aws_account_id, version in rows:
        watch = _watch(version)
        for account in watched:
            if account.id == aws_account_id or (
                selector is not None and matches(selector, account.labels)
            ):
                found[account.id].append(watch)
    return found


def _watch(version: TaskVersion) -> Watch:
    everywhere = "all_enabled" in version.regions
    return Watch(
        services=frozenset(version.services),
        regions=None if everywhere else frozenset(version.regions),
        checks=frozenset(version.parameters.get("checks") or _made(version.services)),
    )


def _made(services: Sequence[str]) -> Iterator[str]:
    """The checks of these services that a task makes which names none."""
    for service in services:
        if service in catalog().services:
            yield from (check.key for check in checks_of(service))
