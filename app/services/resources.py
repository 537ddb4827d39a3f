"""The inventory as members see it: resources, one with its document, its history."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    false,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle, aliased

from app.core.actor import Actor
from app.core.errors import NotFound
from app.models.aws_account import AWSAccount
from app.models.inventory import (
    Finding,
    Resource,
    ResourceVersion,
    Scope,
    ScopeRead,
)
from app.services.paging import Page, Slice, paginate, paginate_first
from app.services.scoping import on_visible_account

Presence = Literal["present", "gone", "any"]


@dataclass(frozen=True, slots=True)
class Filters:
    """None is no limit. `text` is looked for as it stands, in any case, in name, ARN
    and identity; a tag is a key, or a key and its value as `key=value`; `verdict` is
    one that a health check says now."""

    account_id: UUID | None = None
    service: str | None = None
    type: str | None = None
    region: str | None = None
    state: str | None = None
    text: str | None = None
    tags: tuple[str, ...] = ()
    verdict: str | None = None
    presence: Presence = "present"

    def conditions(self) -> list[ColumnElement[bool]]:
        row = Resource
        wanted: list[tuple[object, ColumnElement[bool]]] = [
            (self.account_id, row.aws_account_id == self.account_id),
            (self.service, row.service == self.service),
            (self.type, row.type == self.type),
            (self.region, row.region == self.region),
            (self.state, row.state == self.state),
        ]
        found = [condition for value, condition in wanted if value is not None]
        if self.text is not None:
            found.append(_says(self.text))
        found += [_tagged(tag) for tag in self.tags]
        if self.verdict is not None:
            found.append(_judged(self.verdict))
        if self.presence != "any":
            is_present = self.presence == "present"
            found.append(
                row.gone_at.is_(None) if is_present else row.gone_at.is_not(None)
            )
        return found


def _says(text: str) -> ColumnElement[bool]:
    """Any of the three texts contains it; % and _ are themselves."""
    places = (Resource.name, Resource.arn, Resource.identity)
    return or_(*(place.icontains(text, autoescape=True) for place in places))


def _tagged(tag: str) -> ColumnElement[bool]:
    key, is_pair, value = tag.partition("=")
    if is_pair:
        return Resource.tags.contains({key: value})
    has_key: ColumnElement[bool] = cast("Any", Resource.tags).has_key(key)
    return has_key


def _judged(verdict: str) -> ColumnElement[bool]:
    """A present finding says so; what a failed or overdue read said is unknown."""
    is_known = Scope.error.is_(None) & (Scope.stale_at > func.app_now())
    said = (Finding.verdict == verdict) & is_known
    if verdict == "unknown":
        said = (Finding.verdict == verdict) | ~func.coalesce(is_known, false())
    judged = (
        select(Scope.aws_account_id, Finding.type, Finding.identity)
        .join(
            Scope,
            (Scope.organization_id == Finding.organization_id)
            & (Scope.id == Finding.scope_id),
        )
        .where(
            # The tenant's, for the condition on Resource says which that is.
            Finding.organization_id == Resource.organization_id,
            Finding.until_read.is_(None),
            said,
        )
    )
    place = tuple_(Resource.aws_account_id, Resource.type, Resource.identity)
    return place.in_(judged)


def selected(actor: Actor, filters: Filters) -> Select[Any]:
    """Those that the actor sees and the filters leave, without documents."""
    return _described().where(_visible(actor), *filters.conditions())


async def page_of(
    session: AsyncSession, actor: Actor, page: Page, *, filters: Filters
) -> Slice[Any]:
    """The newest first, without documents."""
    rows = select(Resource).where(_visible(actor), *filters.conditions())
    return await paginate_first(
        session, rows, page, by=[Resource.id], described=_described
    )


async def get(
    session: AsyncSession,
    actor: Actor,
    resource_id: UUID,
    *,
    at: datetime | None = None,
) -> tuple[Any, ResourceVersion]:
    """A resource and its version: the one that held `at` an instant, or the last.
    NotFound where it was not there at that instant."""
    resource = await session.scalar(
        _described().where(_visible(actor), Resource.id == resource_id)
    )
    version = await session.scalar(_version_of(actor, resource_id, at))
    if resource is None or version is None:
        raise NotFound
    return resource, version


def _version_of(
    actor: Actor, resource_id: UUID, at: datetime | None
) -> Select[ResourceVersion]:
    version = ResourceVersion
    statement = (
        select(version)
        .where(
            version.organization_id == actor.organization_id,
            version.resource_id == resource_id,
        )
        .order_by(version.from_at.desc())
        .limit(1)
    )
    if at is None:
        return statement
    return statement.where(
        version.from_at <= at, or_(version.until_at.is_(None), version.until_at > at)
    )


async def history_of(
    session: AsyncSession, actor: Actor, resource_id: UUID, page: Page
) -> Slice[Any]:
    """Its versions without their documents, the newest first. NotFound where the actor
    sees no such resource."""
    seen = await session.scalar(
        select(Resource.id).where(_visible(actor), Resource.id == resource_id)
    )
    if seen is None:
        raise NotFound
    version, began, ended = ResourceVersion, aliased(ScopeRead), aliased(ScopeRead)
    shown: Bundle[Any] = Bundle(
        "version",
        *(version.id, version.from_at, version.until_at, version.content_hash),
        began.execution_id.label("from_execution_id"),
        ended.execution_id.label("until_execution_id"),
    )
    tenant = version.organization_id
    statement = (
        select(shown)
        .select_from(version)
        .join(
            began, (began.organization_id == tenant) & (began.id == version.from_read)
        )
        .outerjoin(
            ended, (ended.organization_id == tenant) & (ended.id == version.until_read)
        )
        .where(tenant == actor.organization_id, version.resource_id == resource_id)
    )
    by = [version.from_at, version.id]
    return await paginate(session, statement, page, by=by)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return on_visible_account(actor, Resource.organization_id, Resource.aws_account_id)


_OWN = (
    *("id", "aws_account_id", "service", "type", "region", "identity", "arn", "name"),
    *("state", "tags", "first_seen_at", "changed_at", "gone_at"),
)


def _described(resource: Any = Resource) -> Select[Any]:
    """Each resource with its account and how fresh the knowledge of it is."""
    last_read = (
        select(func.max(ScopeRead.read_at))
        .where(
            ScopeRead.organization_id == resource.organization_id,
            ScopeRead.scope_id == resource.scope_id,
        )
        .scalar_subquery()
    )
    freshness = case(
        (Scope.as_of > last_read, "unknown"),
        (Scope.stale_at < func.app_now(), "stale"),
        else_="fresh",
    )
    shown: Bundle[Any] = Bundle(
        "resource",
        *(getattr(resource, name) for name in _OWN),
        AWSAccount.account_id,
        last_read.label("as_of"),
        freshness.label("freshness"),
    )
    tenant = resource.organization_id
    return (
        select(shown)
        .select_from(resource)
        .join(
            AWSAccount,
            (AWSAccount.organization_id == tenant)
            & (AWSAccount.id == resource.aws_account_id),
        )
        .join(
            Scope, (Scope.organization_id == tenant) & (Scope.id == resource.scope_id)
        )
    )
