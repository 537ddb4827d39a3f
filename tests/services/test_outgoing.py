"""How recipients are reached: whose addresses, and in whose name SNS is asked."""

from uuid import UUID

from sqlalchemy import update

from app.aws.session import Endpoint, TenantSession
from app.core.clock import now
from app.core.crypto import LocalKeys
from app.core.db import Database, Login
from app.core.settings import Settings
from app.integrations.channels.registry import Senders
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.models.notification import NotificationChannel
from app.models.organization import Member
from app.models.user import User
from app.services import channel_tests
from app.services.outgoing import Addresses
from tests.builders_notifications import make_channel
from tests.customer import REGION, Customer
from tests.personae import People

MANAGERS = {"type": "email", "to": "managers"}


async def test_managers_are_those_who_see_all_accounts_at_that_moment(
    database: Database, people: People, configured: Settings
) -> None:
    acme = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        row = await make_channel(session, acme, type="email", configuration=MANAGERS)
    addresses = Addresses(database, configured, LocalKeys.from_settings(configured))
    told = set((await addresses(acme, row)).recipients)
    assert told == {"alice@example.com", "adam@example.com"}
    async with database.unit_of_work(Login.OWNER) as session:
        of_adam = Member.user_id == people.adam.user_id
        await session.execute(
            update(Member).where(of_adam).values(label_scope={"client": ["north"]})
        )
    assert (await addresses(acme, row)).recipients == ["alice@example.com"]
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(User).values(email_verified_at=None))
    assert (await addresses(acme, row)).recipients == []


async def _channel(
    customer: Customer, credentials_id: UUID, topic_arn: str
) -> NotificationChannel:
    async with customer.database.unit_of_work(Login.OWNER) as session:
        return await make_channel(
            session,
            customer.organization_id,
            type="sns",
            configuration={
                "type": "sns",
                "credentials_id": str(credentials_id),
                "topic_arn": topic_arn,
            },
            test_requested_at=now(),
        )


async def _tested(customer: Customer, row: NotificationChannel) -> str | None:
    await channel_tests.check(
        customer.database,
        customer.settings,
        customer.vault,
        Senders(customer.settings),
        customer.organization_id,
        channel_id=row.id,
    )
    async with customer.database.unit_of_work(Login.OWNER) as session:
        found = await session.get_one(NotificationChannel, row.id)
        assert found.tested_at is not None
        return found.test_error


async def test_sns_is_asked_with_the_tenants_own_role(customer: Customer) -> None:
    arn = customer.make_role(customer.asks_for_id, ["sns:Publish"])
    account_id = arn.split(":")[4]
    root = customer.emulator.root_of(account_id)
    session = TenantSession(root, account_id, Endpoint(customer.emulator.url))
    topic = session.client("sns", REGION).create_topic(Name="alarms")["TopicArn"]
    credentials = await customer.connect_role(arn)
    await customer.verify(credentials)
    row = await _channel(customer, credentials, topic)
    assert await _tested(customer, row) is None
    session.client("sns", REGION).delete_topic(TopicArn=topic)
    again = await _channel(customer, credentials, topic)
    assert "NotFound" in (await _tested(customer, again) or "")


async def test_a_role_that_may_not_publish_is_told_so(customer: Customer) -> None:
    arn = customer.make_role(customer.asks_for_id, ["ec2:DescribeRegions"])
    credentials = await customer.connect_role(arn)
    await customer.verify(credentials)
    topic = f"arn:aws:sns:{REGION}:{arn.split(':')[4]}:alarms"
    error = await _tested(customer, await _channel(customer, credentials, topic))
    assert error is not None
    assert "Publish" in error


async def test_credentials_that_are_not_verified_are_not_used(
    customer: Customer,
) -> None:
    arn = customer.make_role(customer.asks_for_id, ["sns:Publish"])
    credentials = await customer.connect_role(arn)
    topic = f"arn:aws:sns:{REGION}:{arn.split(':')[4]}:alarms"
    row = await _channel(customer, credentials, topic)
    assert "pending, not verified" in (await _tested(customer, row) or "")
    async with customer.database.unit_of_work(Login.OWNER) as session:
        deleted = {"status": CredentialsStatus.DELETED, "deleted_at": now()}
        await session.execute(update(AWSCredentials).values(**deleted))
        await session.execute(update(NotificationChannel).values(tested_at=None))
    assert "are deleted" in (await _tested(customer, row) or "")
