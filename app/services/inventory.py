"""Merges a listing into what is known of an account's resources. Rows grow with
change: a read that says nothing new writes one `scope_reads` row and no other."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.unit import Item, Unit
from app.core.ids import new_id
from app.models.inventory import Resource, ResourceVersion
from app.services import stored_resources
from app.services.claims import Claim
from app.services.scopes import (
    Found,
    Reading,
    StaleAt,
    begin_reading,
    finish_reading,
    holds_any,
)
from app.services.staging import (
    FATES,
    STAGED_ITEMS,
    Spool,
    as_json,
    let_planner_know,
    refuse_doubles,
    stage,
)

_FATES = ("new", "returned", "changed", "gone", "unchanged")
_DESCRIBED = ("region", "arn", "name", "state", "tags")


@dataclass(frozen=True, slots=True)
class ReadCounts:
    """How a listing compares to the last one; `items` is all that it held."""

    items: int
    new: int
    returned: int
    changed: int
    gone: int
    unchanged: int


def spool() -> Spool[Item]:
    """Takes the items of one listing."""
    return Spool(STAGED_ITEMS, _row)


def _row(item: Item) -> tuple[Any, ...]:
    return (
        *(new_id(), new_id(), item.type, item.id, item.region),
        *(item.arn, item.name, item.state, as_json(item.tags), item.content_hash),
        as_json(item.document),
    )


async def record_listing(
    session: AsyncSession,
    claim: Claim,
    unit: Unit,
    items: Spool[Item],
    *,
    rule: str,
    stale_at: StaleAt,
) -> Found:
    """Merge a complete listing, staged if it has rows, under the lock of its scope;
    raises AWSServiceError `hostile_or_oversized` if one identity was listed twice, and
    AWSConfigurationError `resource_cap` if the plan allows no more."""
    await refuse_doubles(session, items, unit)
    reading = await begin_reading(session, claim, unit, items=items.rows, rule=rule)
    fates: Counter[str] = Counter()
    if items.rows or await holds_any(session, claim, reading, _PRESENT):
        fates = await _merge(_Merge(session, claim, unit, reading), items)
    more = fates["new"] + fates["returned"] - fates["gone"]
    await stored_resources.count(session, claim, unit, more)
    counts = ReadCounts(items.rows, **{fate: fates[fate] for fate in _FATES})
    found = Found(counts=asdict(counts))
    await finish_reading(session, claim, reading, found, stale_at=stale_at)
    return found


async def _merge(merge: "_Merge", items: Spool[Item]) -> Counter[str]:
    """How many have which fate."""
    if not items.rows:
        await stage(merge.session, items)  # all that is known is gone
    fates, told_otherwise = await merge.decide()
    await let_planner_know(merge.session, FATES, fates.total())
    if fates["gone"] or fates["changed"]:
        await merge.close_versions()
    if fates["gone"]:
        await merge.mark_gone()
    if fates["new"]:
        await merge.write_new()
    if fates["returned"] or fates["changed"] or told_otherwise:
        await merge.describe()
    if fates["new"] or fates["returned"] or fates["changed"]:
        await merge.open_versions()
    return fates


_PRESENT = select(
    exists().where(
        Resource.organization_id == bindparam("tenant_id"),
        Resource.scope_id == bindparam("of_scope_id"),
        Resource.gone_at.is_(None),
    )
)


def _known() -> Subquery:
    """The resources of the scope, those that are gone included."""
    described = [getattr(Resource, name) for name in _DESCRIBED]
    return (
        select(
            *(Resource.id, Resource.type, Resource.identity, Resource.gone_at),
            *described,
            ResourceVersion.content_hash,
        )
        .outerjoin(
            ResourceVersion,
            (ResourceVersion.organization_id == bindparam("tenant_id"))
            & (ResourceVersion.resource_id == Resource.id)
            & ResourceVersion.until_read.is_(None),
        )
        .where(
            Resource.organization_id == bindparam("tenant_id"),
            Resource.scope_id == bindparam("of_scope_id"),
        )
        .subquery()
    )


def _fates() -> Select[Any]:
    known, staged = _known(), STAGED_ITEMS.c
    is_absent = staged.identity.is_(None)
    is_new_content = known.c.content_hash.is_distinct_from(staged.content_hash)
    differs = [known.c[name].is_distinct_from(staged[name]) for name in _DESCRIBED]
    return (
        select(
            func.coalesce(known.c.id, staged.resource_id),
            func.coalesce(known.c.type, staged.type),
            func.coalesce(known.c.identity, staged.identity),
            case(
                (is_absent, "gone"),
                (known.c.id.is_(None), "new"),
                (known.c.gone_at.is_not(None), "returned"),
                (is_new_content, "changed"),
                else_="unchanged",
            ),
            or_(*differs),
        )
        .select_from(known)
        .join(
            STAGED_ITEMS,
            (known.c.type == staged.type) & (known.c.identity == staged.identity),
            full=True,
        )
        .where(or_(~is_absent, known.c.gone_at.is_(None)))
    )


def _deciding() -> Select[Any]:
    write = insert(FATES).from_select([one.name for one in FATES.columns], _fates())
    fates = write.returning(FATES.c.fate, FATES.c.is_told_otherwise).cte()
    otherwise = func.count().filter(fates.c.is_told_otherwise)
    return select(fates.c.fate, func.count(), otherwise).group_by(fates.c.fate)


_DECIDE = _deciding()


@dataclass(frozen=True, slots=True)
class _Merge:
    """The staged items against the resources of the scope, in whole sets."""

    session: AsyncSession
    claim: Claim
    unit: Unit
    reading: Reading

    async def decide(self) -> tuple[Counter[str], int]:
        """Say of each resource what becomes of it. How many have which fate, and how
        many are otherwise told of than their rows are."""
        scope = {
            "tenant_id": self.claim.organization_id,
            "of_scope_id": self.reading.scope_id,
        }
        found = (await self.session.execute(_DECIDE, scope)).all()
        fates = Counter({fate: many for fate, many, _ in found})
        return fates, sum(told for fate, _, told in found if fate == "unchanged")

    async def close_versions(self) -> None:
        await self.session.execute(
            update(ResourceVersion)
            .where(
                ResourceVersion.organization_id == self.claim.organization_id,
                ResourceVersion.resource_id.in_(_of("gone", "changed")),
                ResourceVersion.until_read.is_(None),
            )
            .values(until_read=self.reading.read_id, until_at=self.reading.read_at)
            .execution_options(synchronize_session=False)
        )

    async def mark_gone(self) -> None:
        await self.session.execute(
            update(Resource)
            .where(
                Resource.organization_id == self.claim.organization_id,
                Resource.id.in_(_of("gone")),
            )
            .values(gone_at=self.reading.read_at)
            .execution_options(synchronize_session=False)
        )

    async def describe(self) -> None:
        """Let the rows of known resources say what the items say. One whose content is
        the same gets no version: a newer catalog names it differently, or its state is
        no part of the hash."""
        staged, is_new_content = STAGED_ITEMS.c, FATES.c.fate != "unchanged"
        await self.session.execute(
            update(Resource)
            .where(
                Resource.organization_id == self.claim.organization_id,
                Resource.id == FATES.c.id,
                FATES.c.fate.in_(("returned", "changed", "unchanged")),
                or_(is_new_content, FATES.c.is_told_otherwise),
                _staged_of_fate(),
            )
            .values(
                **{name: staged[name] for name in _DESCRIBED},
                changed_at=case(
                    (is_new_content, self.reading.read_at), else_=Resource.changed_at
                ),
                gone_at=None,
            )
            .execution_options(synchronize_session=False)
        )

    async def write_new(self) -> None:
        staged, read_at = STAGED_ITEMS.c, self.reading.read_at
        values: dict[str, Any] = {
            "id": staged.resource_id,
            "organization_id": literal(self.claim.organization_id),
            "aws_account_id": literal(self.claim.aws_account_id),
            "scope_id": literal(self.reading.scope_id),
            "service": literal(self.unit.service),
            **{name: staged[name] for name in ("type", "identity", *_DESCRIBED)},
            "first_seen_at": literal(read_at),
            "changed_at": literal(read_at),
        }
        await self.session.execute(
            insert(Resource).from_select(
                list(values),
                select(*values.values())
                .join_from(STAGED_ITEMS, FATES, _staged_of_fate())
                .where(FATES.c.fate == "new"),
            )
        )

    async def open_versions(self) -> None:
        staged = STAGED_ITEMS.c
        values: dict[str, Any] = {
            "id": staged.version_id,
            "organization_id": literal(self.claim.organization_id),
            "resource_id": FATES.c.id,
            "from_read": literal(self.reading.read_id),
            "from_at": literal(self.reading.read_at),
            "content_hash": staged.content_hash,
            "document": staged.document,
        }
        await self.session.execute(
            insert(ResourceVersion).from_select(
                list(values),
                select(*values.values())
                .join_from(STAGED_ITEMS, FATES, _staged_of_fate())
                .where(FATES.c.fate.in_(("new", "returned", "changed"))),
            )
        )


def _of(*fates: str) -> Select[Any]:
    return select(FATES.c.id).where(FATES.c.fate.in_(fates))


def _staged_of_fate() -> ColumnElement[bool]:
    staged = STAGED_ITEMS.c
    return (FATES.c.type == staged.type) & (FATES.c.identity == staged.identity)
