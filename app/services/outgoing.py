"""A channel or endpoint, opened for sending: its configuration, its secrets, whose
addresses it has at this moment, and the tenant's own AWS credentials."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.call import Guard
from app.aws.errors import AWSError
from app.aws.notifying import Publisher, statement_of
from app.aws.session import TenantSession
from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.channels import (
    Configuration,
    EmailToAddress,
    EmailToManagers,
    SnsText,
    SnsTopic,
    configuration_of,
)
from app.core.crypto import KeyProvider
from app.core.db import Database, Login
from app.core.errors import NotFound
from app.core.settings import Settings
from app.core.threads import Threads
from app.integrations.channels.contract import Outgoing, Webhook
from app.models.aws_account import AWSCredentials, CredentialsStatus
from app.models.notification import NotificationChannel, WebhookEndpoint
from app.services import channel_secrets, credential_opening, mail_rounds
from app.services.credential_opening import Opened

SESSION_NAME = "cloudrota-notifications"
_ANYTHING = "*"  # a telephone has no ARN
_threads = Threads(4)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Finds out how a tenant's recipient is reached. It has no transaction open when it
    is done, and raises what `unseal` raises."""

    database: Database
    settings: Settings
    keys: KeyProvider

    async def __call__(
        self, organization_id: UUID, row: NotificationChannel | WebhookEndpoint
    ) -> Outgoing:
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=organization_id
        ) as session:
            opened = partial(
                channel_secrets.open_secret, session, self.keys, organization_id
            )
            if isinstance(row, WebhookEndpoint):
                return Outgoing(Webhook(row.url), await opened(endpoint_id=row.id))
            to = configuration_of(row.configuration)
            recipients = await _recipients(session, organization_id, to)
            secrets = await opened(channel_id=row.id)
        if not isinstance(to, SnsTopic | SnsText):
            return Outgoing(to, secrets, recipients)
        aws = TenantsPublisher(
            self.database, self.settings, self.keys, organization_id, to
        )
        return Outgoing(to, aws=aws)


async def _recipients(
    session: AsyncSession, organization_id: UUID, to: Configuration
) -> list[str]:
    if isinstance(to, EmailToManagers):
        return [*(await mail_rounds.who_manages(session, organization_id)).values()]
    return [to.address] if isinstance(to, EmailToAddress) else []


@dataclass(frozen=True, slots=True)
class TenantsPublisher:
    """Publishes in the tenant's own name. Its credentials are opened for each message,
    and the session may publish to this topic and nothing else."""

    database: Database
    settings: Settings
    keys: KeyProvider
    organization_id: UUID
    to: SnsTopic | SnsText

    async def publish(self, *, subject: str, text: str, deduplication_id: str) -> str:
        """The id that SNS gave it. Raises ChannelRefused, ChannelBusy, and what
        `unseal` raises."""
        opened = await self._open(UUID(self.to.credentials_id))
        guard = Guard()
        try:
            session = await _threads.run(self._connect, opened, guard)
        except AWSError as error:
            facts = error.facts
            # The role may be mended: what waits is tried again.
            raise ChannelBusy(
                f"AWS gave no session. {facts.code}: {facts.message}",
                status=facts.http_status,
            ) from error
        if isinstance(self.to, SnsTopic):
            publisher = Publisher.to_topic(session, guard, self.to.topic_arn)
        else:
            publisher = Publisher(
                session,
                guard,
                region=self.to.region,
                phone_number=self.to.phone_number,
            )
        return await publisher.publish(
            subject=subject, text=text, deduplication_id=deduplication_id
        )

    async def _open(self, credentials_id: UUID) -> Opened:
        """Only what is verified is used."""
        mine = select(AWSCredentials.status).where(
            AWSCredentials.organization_id == self.organization_id,
            AWSCredentials.id == credentials_id,
        )
        async with self.database.unit_of_work(
            Login.WORKER, organization_id=self.organization_id
        ) as session:
            status = await session.scalar(mine)
        if status in {None, CredentialsStatus.DELETED}:
            raise ChannelRefused("Its AWS credentials are deleted.")
        if status is not CredentialsStatus.VERIFIED:
            raise ChannelBusy(f"Its AWS credentials are {status}, not verified.")
        try:
            return await credential_opening.open_one(
                self.database, self.keys, self.organization_id, credentials_id
            )
        except NotFound as gone:
            raise ChannelRefused("Its AWS credentials are deleted.") from gone

    def _connect(self, opened: Opened, guard: Guard) -> TenantSession:
        arn = self.to.topic_arn if isinstance(self.to, SnsTopic) else _ANYTHING
        return credential_opening.connect(
            opened,
            credential_opening.platform_session(self.settings),
            credential_opening.endpoint(self.settings),
            session_name=SESSION_NAME,
            policy={"Version": "2012-10-17", "Statement": [statement_of(arn)]},
            guard=guard,
        )
