"""Sending to real receivers: a post whose transport leads to loopback, and recipients
that wait for something."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.channels import ChannelType, Slack
from app.core.clock import now
from app.core.db import Database, Login
from app.core.notice import Notice
from app.core.secret import Secret
from app.core.settings import Settings
from app.integrations.channels.contract import Outgoing, Sent, Webhook
from app.integrations.channels.registry import Senders
from app.integrations.outbound import Limits, Outbound
from app.models.notification import Delivery, NotificationChannel, WebhookEndpoint
from app.services import deliveries, sending
from app.services.deliveries import Entry
from app.services.sending import Post
from app.services.sending_rows import RecipientRow
from tests.attack.receivers import PUBLIC, Receiver
from tests.builders_notices import a_notice, make_channel, make_endpoint

SIGNING = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


@dataclass
class Channels:
    """What was sent to channels, and what they answer: a list of outcomes, of which the
    last one is repeated."""

    outcomes: list[Exception | Sent] = field(default_factory=list)
    sent: list[tuple[UUID, Sequence[Notice]]] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)

    async def __call__(
        self, outgoing: Outgoing, notices: Sequence[Notice], *, delivery_id: UUID
    ) -> Sent:
        self.sent.append((delivery_id, notices))
        self.outgoing.append(outgoing)
        if not self.outcomes:
            return Sent(200, "ok")
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def address(_: UUID, row: RecipientRow) -> Outgoing:
    if isinstance(row, WebhookEndpoint):
        return Outgoing(Webhook(row.url), [SIGNING])
    to = ["a@example.com", "b@example.com"]
    return Outgoing(Slack(type=ChannelType.SLACK), recipients=to)


def to_loopback(here: Receiver, **limits: Any) -> Outbound:
    async def resolve(_: str) -> Sequence[str]:
        return [PUBLIC]

    return Outbound(
        resolve=resolve,
        permits=lambda address: address == PUBLIC,
        ports=frozenset({here.port}),
        trust=here.trust(),
        limits=Limits(**limits),
    )


@dataclass
class Sender:
    """One tenant's channel and endpoint, and a sender to them."""

    database: Database
    tenant: UUID
    channel: NotificationChannel
    endpoint: WebhookEndpoint
    channels: Channels
    post: Post
    owner: AsyncSession

    async def tell(
        self, row: RecipientRow, count: int = 1, **changes: Any
    ) -> list[Notice]:
        """Enter that many notices for the recipient."""
        notices = [a_notice(self.tenant, title=f"Told {n}") for n in range(count)]
        name = "channel_id" if isinstance(row, NotificationChannel) else "endpoint_id"
        facts: dict[str, Any] = {name: row.id} | changes
        entries = [Entry(one, **facts) for one in notices]
        async with self.worker() as session:
            await deliveries.enter(session, self.tenant, entries)
        return notices

    async def send(self, row: RecipientRow, *, seconds: float = 20) -> None:
        await sending.send_waiting(
            self.post, self.tenant, row.id, within=timedelta(seconds=seconds)
        )

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[AsyncSession]:
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.tenant
        ) as session:
            yield session

    async def change(self, row: RecipientRow, **values: Any) -> None:
        async with self.database.unit_of_work(Login.OWNER) as session:
            model = type(row)
            await session.execute(
                update(model).where(model.id == row.id).values(**values)
            )

    async def look(self, row: RecipientRow) -> RecipientRow:
        """As it is now."""
        await self.owner.rollback()
        self.owner.expire_all()
        found: RecipientRow = await self.owner.get_one(type(row), row.id)
        return found

    async def log(self) -> list[Delivery]:
        """Every delivery, as it is now, in order."""
        await self.owner.rollback()
        self.owner.expire_all()
        return list(await self.owner.scalars(select(Delivery).order_by(Delivery.id)))

    async def until_due(self, row: RecipientRow) -> timedelta:
        """How long it is left alone."""
        due_at = (await self.look(row)).due_at
        assert due_at is not None
        there = (await self.owner.execute(select(func.app_now()))).scalar_one()
        left: timedelta = due_at - there
        return left


async def make_sender(
    database: Database,
    settings: Settings,
    tenant: UUID,
    owner: AsyncSession,
    here: Receiver | None = None,
    **limits: Any,
) -> Sender:
    """Its endpoint is asked in truth where there is a receiver."""
    channels = Channels()
    url = f"https://hooks.example:{here.port}/in" if here else "https://hooks.example/"
    async with database.unit_of_work(Login.OWNER) as session:
        channel = await make_channel(session, tenant)
        endpoint = await make_endpoint(session, tenant, url=url)
    send = channels
    if here is not None:
        send = Senders(settings, to_loopback(here, **limits)).send  # type: ignore[assignment]  # as good as a fake
    post = Post(database, address, send)
    return Sender(database, tenant, channel, endpoint, channels, post, owner)


def ago(**past: float) -> Any:
    return now() - timedelta(**past)
