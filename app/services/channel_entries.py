"""What is entered of a channel, as it is kept: judged by what its type has, where its
URL leads by its text, and whose AWS credentials it names."""

from typing import Protocol
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.catalog.loader import catalog
from app.core.actor import Actor
from app.core.channels import (
    SECRET_OF,
    ChannelType,
    Configuration,
    EmailToAddress,
    SnsText,
    SnsTopic,
)
from app.core.errors import Invalid, MailNotConfigured
from app.core.secret import Secret
from app.core.settings import Settings
from app.integrations.channels import hosts
from app.integrations.outbound_target import UnsafeTarget
from app.models.aws_account import AWSAccount, AWSCredentials, CredentialsStatus
from app.schemas.channels import ConfigurationInput
from app.services.decisions import channel_entries


class _WithSecrets(Protocol):
    """A schema that may have one of the two."""

    url: SecretStr | None
    key: SecretStr | None


async def read(
    session: AsyncSession,
    settings: Settings,
    actor: Actor,
    entry: ConfigurationInput,
    *,
    stays: ChannelType | None = None,
) -> Configuration:
    """The configuration, which is of the type `stays` if that is given; raises
    Invalid, and MailNotConfigured for an address that nobody could confirm."""
    if stays is not None and entry.type is not stays:
        message = f"It stays {stays}: add another channel."
        raise Invalid.field("/configuration/type", "another_type", message)
    configuration = channel_entries.configuration_of(
        entry.model_dump(mode="json", exclude_none=True)
    )
    if isinstance(configuration, EmailToAddress) and settings.smtp_url is None:
        raise MailNotConfigured("The address could not be confirmed.")
    if isinstance(configuration, SnsTopic | SnsText):
        await _must_be_ones_own(session, actor, configuration)
    return configuration


def secret_of(kind: ChannelType, entry: _WithSecrets, *, needed: bool) -> Secret | None:
    """What is to be sealed of a channel of this type; raises Invalid."""
    given = {"url": entry.url, "key": entry.key}
    channel_entries.refuse_secrets_of_others(kind, given, needed=needed)
    value = given.get(SECRET_OF.get(kind, ""))
    if value is None:
        return None
    if SECRET_OF[kind] == "url":
        try:
            hosts.judged(kind, value.get_secret_value())
        except UnsafeTarget as unsafe:
            raise unsafe_at("/url", unsafe) from unsafe
    return Secret(value.get_secret_value())


def unsafe_at(pointer: str, unsafe: UnsafeTarget) -> Invalid:
    """The same, on the field that it is entered at."""
    return Invalid.field(pointer, unsafe.reason.value, unsafe.detail)


async def _must_be_ones_own(
    session: AsyncSession, actor: Actor, configuration: SnsTopic | SnsText
) -> None:
    """Raises Invalid unless it names the tenant's own verified credentials, and a topic
    of their account or a region."""
    account_id = await _account_of(session, actor, UUID(configuration.credentials_id))
    pointer, region = "/configuration/region", ""
    if isinstance(configuration, SnsText):
        region = configuration.region
    else:
        pointer = "/configuration/topic_arn"
        region, number = channel_entries.topic_of(configuration.topic_arn)
        if number != account_id:
            message = f"The credentials are of the account {account_id}."
            raise Invalid.field(pointer, "another_account", message)
    if region not in catalog().regions:
        raise Invalid.field(pointer, "unknown_region", f"{region} is no region of AWS.")


async def _account_of(session: AsyncSession, actor: Actor, credentials_id: UUID) -> str:
    """The 12 digits of the account that these credentials are proven to open."""
    number = await session.scalar(
        select(AWSAccount.account_id)
        .join(
            AWSCredentials,
            (AWSCredentials.organization_id == AWSAccount.organization_id)
            & (AWSCredentials.aws_account_id == AWSAccount.id),
        )
        .where(
            AWSCredentials.organization_id == actor.organization_id,
            AWSCredentials.id == credentials_id,
            AWSCredentials.deleted_at.is_(None),
            AWSCredentials.status == CredentialsStatus.VERIFIED,
        )
    )
    if number is None:
        raise Invalid.field(
            "/configuration/credentials_id",
            "unknown",
            "You have no verified credentials with this id.",
        )
    return number
