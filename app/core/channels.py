"""The ways in which people are told, and what each needs to know: typed fields,
beside which stands what is sealed and never shown again."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class ChannelType(StrEnum):
    EMAIL = "email"
    SLACK = "slack"
    TEAMS = "teams"
    DISCORD = "discord"
    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"
    SNS = "sns"


class _Input(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmailToManagers(_Input):
    """To every owner and admin who sees all accounts, as they are when it is sent."""

    type: Literal[ChannelType.EMAIL] = ChannelType.EMAIL
    to: Literal["managers"] = "managers"


class EmailToAddress(_Input):
    """To one address, once whoever reads it has confirmed that."""

    type: Literal[ChannelType.EMAIL] = ChannelType.EMAIL
    to: Literal["address"]
    address: Annotated[str, Field(min_length=3, max_length=254)]


class Slack(_Input):
    type: Literal[ChannelType.SLACK]


class Teams(_Input):
    type: Literal[ChannelType.TEAMS]


class Discord(_Input):
    type: Literal[ChannelType.DISCORD]


class PagerDuty(_Input):
    type: Literal[ChannelType.PAGERDUTY]
    region: Literal["us", "eu"] = "us"


class Opsgenie(_Input):
    type: Literal[ChannelType.OPSGENIE]
    region: Literal["us", "eu"] = "us"


class SnsTopic(_Input):
    """A topic of the tenant's own, published to by one of its own credentials."""

    type: Literal[ChannelType.SNS]
    credentials_id: str
    topic_arn: Annotated[str, Field(max_length=512)]


class SnsText(_Input):
    """A text message, which the tenant's own account sends and pays."""

    type: Literal[ChannelType.SNS]
    credentials_id: str
    phone_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    region: Annotated[str, Field(max_length=32)]


Configuration = (
    EmailToManagers
    | EmailToAddress
    | Slack
    | Teams
    | Discord
    | PagerDuty
    | Opsgenie
    | SnsTopic
    | SnsText
)


_CONFIGURATION: TypeAdapter[Configuration] = TypeAdapter(Configuration)


def configuration_of(stored: Mapping[str, Any]) -> Configuration:
    """A channel's configuration as it is stored; pydantic's ValidationError for what is
    none."""
    return _CONFIGURATION.validate_python(stored)


# What a channel of a type keeps secret, by the name it is given under: a URL to which
# whoever knows it may post, or a key (PagerDuty's routing key, Opsgenie's API key).
SECRET_OF: Mapping[ChannelType, Literal["url", "key"]] = MappingProxyType(
    {
        ChannelType.SLACK: "url",
        ChannelType.TEAMS: "url",
        ChannelType.DISCORD: "url",
        ChannelType.PAGERDUTY: "key",
        ChannelType.OPSGENIE: "key",
    }
)
