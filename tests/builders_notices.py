"""Plain builders of notices, and of those who are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.core.notice import Named, NotedAccount, Notice, NoticeEvent, Severity
from app.models.notification import NotificationChannel, WebhookEndpoint


def a_notice(
    organization_id: UUID,
    *,
    event: NoticeEvent = NoticeEvent.EXECUTION_FAILED,
    title: str = "Nightly list failed on Production",
    at: datetime | None = None,
    **changes: Any,
) -> Notice:
    facts: dict[str, Any] = {
        "id": new_id(),
        "event": event,
        "at": at or now(),
        "severity": Severity.ERROR,
        "organization": Named(id=organization_id, name="Acme"),
        "title": title,
        "lines": ("The role may not list instances.",),
        "link": "https://cloudrota.example/executions",
        "account": NotedAccount(id=new_id(), number="123456789012", name="Production"),
    }
    return Notice(**facts | changes)


async def make_channel(
    session: AsyncSession,
    organization_id: UUID,
    *,
    name: str = "Operators",
    type: str = "slack",
    configuration: dict[str, Any] | None = None,
) -> NotificationChannel:
    channel = NotificationChannel(
        id=new_id(),
        organization_id=organization_id,
        name=name,
        type=type,
        configuration=configuration or {"type": type},
        secret_version=0,
        verified_at=now(),
    )
    session.add(channel)
    await session.flush()
    return channel


async def make_endpoint(
    session: AsyncSession,
    organization_id: UUID,
    *,
    url: str = "https://hooks.example/cloudrota",
    events: tuple[str, ...] = ("execution.failed",),
) -> WebhookEndpoint:
    endpoint = WebhookEndpoint(
        id=new_id(),
        organization_id=organization_id,
        url=url,
        events=list(events),
        name=str(new_id()),
        secret_last4="aSw=",
        secret_fingerprint="none",
    )
    session.add(endpoint)
    await session.flush()
    return endpoint
