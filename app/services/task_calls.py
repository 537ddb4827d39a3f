"""How often a run of a task asks AWS at the least, and for which calls AWS charges."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.aws.engine import calls_at_least, require_applicable, sessions_for
from app.aws.regions import ACTIONS as REGION_ACTIONS
from app.aws.services.health import check_of
from app.aws.unit import GLOBAL, NotApplicable, Unit
from app.core.actor import Actor
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsKind,
)
from app.models.task import ActionKind
from app.schemas.task_previews import PaidCalls
from app.services.connections import MAY_RUN
from app.services.decisions.exclusions import ExclusionRule, excluding_unit, parse
from app.services.task_targets import PURPOSES

# Whose session it is, is asked once for each; a role must be assumed before.
_TO_OPEN = {
    CredentialsKind.ROLE: ("sts:AssumeRole", "sts:GetCallerIdentity"),
    CredentialsKind.ACCESS_KEY: ("sts:GetCallerIdentity",),
}
_REGIONS = "ec2:DescribeRegions"


async def calls_of_run(
    session: AsyncSession,
    actor: Actor,
    accounts: Sequence[UUID],
    kind: ActionKind,
    units: Sequence[Unit],
    *,
    asks_regions_first: bool,
) -> int:
    """Of one run on all accounts: opening sessions, asking for the regions, and the
    first page of each listing. Without verified credentials nothing is asked; what an
    account's owner left out is not either."""
    alike = Counter(await _openings(session, actor, accounts, kind))
    return sum(
        many
        * _calls_of_execution(opening, units, asks_regions_first=asks_regions_first)
        for opening, many in alike.items()
    )


@dataclass(frozen=True, slots=True)
class _Opening:
    """How an account would be opened, and what its owner left out."""

    kind: CredentialsKind
    rules: tuple[ExclusionRule, ...]

    def keeps(self, unit: Unit) -> bool:
        place = {"service": unit.service, "region": unit.region, "key": unit.key}
        return excluding_unit(self.rules, **place) is None


def _calls_of_execution(
    opening: _Opening, units: Sequence[Unit], *, asks_regions_first: bool
) -> int:
    wanted = [unit for unit in units if opening.keeps(unit)]
    read = [unit for unit in wanted if why_not_applicable(unit) is None]
    planned = sessions_for(wanted)
    sessions = {planned[unit] for unit in read}
    asks_regions = asks_regions_first or any(one.region != GLOBAL for one in wanted)
    if asks_regions:
        sessions.add(REGION_ACTIONS)
    opened = len(sessions) * len(_TO_OPEN[opening.kind])
    return opened + asks_regions + sum(map(calls_at_least, read))


async def _openings(
    session: AsyncSession, actor: Actor, accounts: Sequence[UUID], kind: ActionKind
) -> list[_Opening]:
    """Of each account that can be opened."""
    statement = (
        select(AWSCredentials.kind, AWSAccount.exclusions)
        .ext(distinct_on(AWSCredentials.aws_account_id))
        .join(
            AWSAccount,
            (AWSAccount.organization_id == AWSCredentials.organization_id)
            & (AWSAccount.id == AWSCredentials.aws_account_id),
        )
        .where(
            AWSCredentials.organization_id == actor.organization_id,
            AWSCredentials.aws_account_id.in_(accounts),
            AWSCredentials.purpose == PURPOSES[kind],
            MAY_RUN,
            AWSCredentials.deleted_at.is_(None),
        )
        .order_by(
            AWSCredentials.aws_account_id,
            AWSCredentials.verified_at.desc().nulls_last(),
        )
    )
    rows = await session.execute(statement)
    return [_Opening(kind, parse(exclusions)) for kind, exclusions in rows]


def why_not_applicable(unit: Unit) -> str | None:
    """Why it asks AWS nothing, where that is known before."""
    try:
        require_applicable(unit)
    except NotApplicable as fact:
        return fact.reason
    return None


# ── money ────────────────────────────────────────────────────────────────────────


def paid_calls(units: Collection[Unit]) -> PaidCalls:
    """Which of the operations that a run may call AWS charges for; of how many others
    that is not written down."""
    called = {*_TO_OPEN[CredentialsKind.ROLE], _REGIONS}
    charged: set[str] = set()
    for key, is_paid in _called(units):
        (charged if is_paid else called).add(key)
    return PaidCalls(charged=sorted(charged), not_known=len(called - charged))


def _called(units: Collection[Unit]) -> Iterator[tuple[str, bool]]:
    """Every operation that reading them may call, and whether it is known to cost."""
    for kind, key in {(unit.kind, unit.key) for unit in units}:
        listing = catalog().operation(key if kind == "list" else check_of(key).listing)
        yield from ((one.key, bool(one.paid)) for one in catalog().chain(listing))
        for detail in check_of(key).details if kind == "health" else ():
            yield f"{detail.service}:{detail.operation}", detail.paid
