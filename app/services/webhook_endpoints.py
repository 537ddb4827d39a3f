"""Webhook endpoints, as people see them: added with a secret of our making, changed,
tested, deleted, and given another secret while the one before signs along."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.crypto import Envelope, KeyProvider
from app.core.errors import EmailNotVerified, NotFound, StaleVersion, TooMany
from app.core.ids import new_id
from app.core.outbound_addresses import is_public
from app.core.secret import Secret
from app.core.settings import Settings
from app.integrations.outbound_signature import SECRET_BEGINNING
from app.integrations.outbound_target import Refusal, UnsafeTarget, target_of
from app.models.notification import WebhookEndpoint
from app.schemas.webhook_endpoints import EndpointInput, EndpointPatch, EndpointRead
from app.services import (
    audit,
    channel_secrets,
    editing,
    idempotency,
    memberships,
    notice_wants,
    outbox,
)
from app.services.channel_entries import unsafe_at
from app.services.channels import next_test
from app.services.editing import Tags
from app.services.outbox import OutboxKind
from app.services.paging import Page, Slice, paginate

MOST = 20
OVERLAP = timedelta(hours=24)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint as it is shown, and its secret, which is known this once."""

    shown: EndpointRead
    secret: Secret | None


async def page_of(session: AsyncSession, actor: Actor, page: Page) -> Slice[Any]:
    """Newest first."""
    statement = select(WebhookEndpoint).where(*_present(actor))
    return await paginate(session, statement, page, by=[WebhookEndpoint.id])


async def get(
    session: AsyncSession, actor: Actor, endpoint_id: UUID, *, lock: bool = False
) -> WebhookEndpoint:
    """Raises NotFound for what is deleted or another tenant's."""
    statement = select(WebhookEndpoint).where(
        WebhookEndpoint.id == endpoint_id, *_present(actor)
    )
    if lock:
        statement = statement.with_for_update().execution_options(
            populate_existing=True
        )
    row = await session.scalar(statement)
    if row is None:
        raise NotFound
    return row


def tag(row: WebhookEndpoint) -> str:
    """What of it can be edited, as one word. The version stands for the secret."""
    return editing.tag_of(
        row.name, row.url, row.events, row.label_scope, row.enabled, row.secret_version
    )


async def add(
    session: AsyncSession,
    actor: Actor,
    entry: EndpointInput,
    *,
    settings: Settings,
    keys: KeyProvider,
    idempotency_key: str | None = None,
) -> Made:
    """A repeat is answered the same endpoint without its secret, which is sealed."""
    _must_be_verified(actor)
    _must_be_safe(entry.url)
    repeat: dict[str, Any] = {
        "route": "webhook_endpoints.add",
        "key": idempotency_key,
        "request": entry.model_dump(mode="json"),
    }
    earlier = await idempotency.earlier_as(session, actor, EndpointRead, **repeat)
    if earlier is not None:
        return Made(earlier, None)
    id, secret, made = new_id(), _new_secret(), list[UUID]()
    sealed = await channel_secrets.seal(session, actor, secret, (id, 1), keys=keys)

    async def act() -> WebhookEndpoint:
        made.append(id)
        await _refuse_too_many(session, actor)
        now = await _now(session)
        row = WebhookEndpoint(
            id=id,
            organization_id=actor.organization_id,
            name=entry.name,
            url=entry.url,
            events=[*entry.events],
            label_scope=entry.label_scope,
            disabled_at=None if entry.enabled else now,
        )
        await _take(session, row, sealed, secret, settings=settings, version=1)
        await notice_wants.refresh(session, actor.organization_id)
        await _record(session, actor, row, "webhook_endpoint.create")
        return row

    shown = await idempotency.once_as(session, actor, EndpointRead, act, **repeat)
    return Made(shown, secret if made else None)


async def update(
    session: AsyncSession,
    actor: Actor,
    endpoint_id: UUID,
    entry: EndpointPatch,
    *,
    expected: Tags = None,
) -> WebhookEndpoint:
    """Change what is given; raises StaleVersion where the present state is not
    expected."""
    if entry.url is not None:
        _must_be_verified(actor)
        _must_be_safe(entry.url)
    row = await get(session, actor, endpoint_id, lock=True)
    editing.must_match(expected, tag(row))
    for name in ("name", "url", "events"):
        value = getattr(entry, name)
        if value is not None:
            setattr(row, name, value)
    if "label_scope" in entry.model_fields_set:
        row.label_scope = entry.label_scope
    if entry.enabled is not None and entry.enabled != row.enabled:
        row.disabled_at = None if entry.enabled else await _now(session)
    await session.flush()
    await notice_wants.refresh(session, actor.organization_id)
    changed = sorted(entry.model_fields_set)
    await _record(session, actor, row, "webhook_endpoint.update", changed=changed)
    return row


async def rotate_secret(
    session: AsyncSession,
    actor: Actor,
    endpoint_id: UUID,
    *,
    settings: Settings,
    keys: KeyProvider,
    idempotency_key: str | None = None,
) -> Made:
    """Make another secret. The one before signs along for OVERLAP; what is older than
    that is destroyed."""
    _must_be_verified(actor)
    repeat: dict[str, Any] = {
        "route": "webhook_endpoints.rotate_secret",
        "key": idempotency_key,
        "request": {"id": str(endpoint_id)},
    }
    row = await get(session, actor, endpoint_id)
    earlier = await idempotency.earlier_as(session, actor, EndpointRead, **repeat)
    if earlier is not None:
        return Made(earlier, None)
    version, secret, made = row.secret_version + 1, _new_secret(), list[UUID]()
    place = (row.id, version)
    sealed = await channel_secrets.seal(session, actor, secret, place, keys=keys)

    async def act() -> WebhookEndpoint:
        made.append(endpoint_id)
        row = await get(session, actor, endpoint_id, lock=True)
        if row.secret_version + 1 != version:
            raise StaleVersion("Another secret took its place. Try again.")
        row.previous_until = await _now(session) + OVERLAP
        await _take(session, row, sealed, secret, settings=settings, version=version)
        # At once for those before the last one, and for that one when its time is over.
        await _destroy(session, row)
        await _destroy(session, row, at=row.previous_until)
        await _record(session, actor, row, "webhook_endpoint.rotate_secret")
        return row

    shown = await idempotency.once_as(session, actor, EndpointRead, act, **repeat)
    return Made(shown, secret if made else None)


async def request_test(
    session: AsyncSession, actor: Actor, endpoint_id: UUID
) -> WebhookEndpoint:
    """Ask for a test; until it has ended, the earlier outcome stands."""
    _must_be_verified(actor)
    row = await get(session, actor, endpoint_id, lock=True)
    row.test_requested_at = await next_test(session, row.test_requested_at)
    await session.flush()
    await _record(session, actor, row, "webhook_endpoint.test")
    await outbox.post(
        session,
        organization_id=row.organization_id,
        kind=OutboxKind.ENDPOINT_TEST,
        subject_id=row.id,
    )
    return row


async def delete(session: AsyncSession, actor: Actor, endpoint_id: UUID) -> None:
    """Delete for good: a job destroys the secret; what was told stays on record."""
    row = await get(session, actor, endpoint_id, lock=True)
    row.deleted_at = await _now(session)
    await session.flush()
    await notice_wants.refresh(session, actor.organization_id)
    await _destroy(session, row)
    await _record(session, actor, row, "webhook_endpoint.delete")


# ── what is stored ───────────────────────────────────────────────────────────────


def _new_secret() -> Secret:
    """As the Standard Webhooks specification has them."""
    text = base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    return Secret(f"{SECRET_BEGINNING}{text}")


def _must_be_safe(url: str) -> None:
    """Raises Invalid for what is no URL that would ever be asked. Where its name leads
    is judged each time that it is."""
    try:
        host = target_of(url).host
    except UnsafeTarget as unsafe:
        raise unsafe_at("/url", unsafe) from unsafe
    if _is_address(host) and not is_public(host):
        raise unsafe_at("/url", UnsafeTarget(Refusal.NOT_PUBLIC))


def _is_address(host: str) -> bool:
    """No name ends with a number."""
    return ":" in host or host.rpartition(".")[2].isdigit()


async def _take(
    session: AsyncSession,
    row: WebhookEndpoint,
    sealed: Envelope,
    secret: Secret,
    *,
    settings: Settings,
    version: int,
) -> None:
    """Put on the row what may be shown, and the rest where it cannot be read again."""
    row.secret_version = version
    row.secret_last4 = channel_secrets.last_letters(secret)
    row.secret_fingerprint = channel_secrets.fingerprint(
        settings, row.organization_id, secret
    )
    row.secret_stored_at = await _now(session)
    session.add(row)
    await session.flush()
    await channel_secrets.store(session, row, sealed)


async def _refuse_too_many(session: AsyncSession, actor: Actor) -> None:
    await memberships.lock(session, actor.organization_id)
    present = select(func.count(WebhookEndpoint.id)).where(*_present(actor))
    if (await session.scalar(present) or 0) >= MOST:
        raise TooMany(f"An organization has at most {MOST} webhook endpoints.")


async def _destroy(
    session: AsyncSession, row: WebhookEndpoint, *, at: datetime | None = None
) -> None:
    await outbox.post(
        session,
        organization_id=row.organization_id,
        kind=OutboxKind.CHANNEL_SECRETS_DESTROY,
        subject_id=row.id,
        not_before=at,
    )


def _must_be_verified(actor: Actor) -> None:
    """Nobody has events sent elsewhere for an address that is not proven."""
    if not actor.email_verified:
        raise EmailNotVerified("Then set up webhook endpoints.")


def _present(actor: Actor) -> tuple[Any, ...]:
    return (
        WebhookEndpoint.organization_id == actor.organization_id,
        WebhookEndpoint.deleted_at.is_(None),
    )


async def _record(
    session: AsyncSession, actor: Actor, row: WebhookEndpoint, action: str, **more: Any
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="webhook_endpoint",
        subject_id=row.id,
        detail={
            "name": row.name,
            "url": row.url,
            "events": row.events,
            "secret_version": row.secret_version,
            **more,
        },
    )


async def _now(session: AsyncSession) -> datetime:
    now: datetime = (await session.scalars(select(func.app_now()))).one()
    return now
