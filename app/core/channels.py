"""The ways in which people are told, and what each needs to know: typed fields, of
which those in `*Secret` are sealed and never shown again."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


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
    phone_number: Annotated[str, Field(pattern=r"\A\+[1-9][0-9]{6,14}\Z")]
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


class UrlSecret(_Input):
    """Of Slack, Teams and Discord: whoever knows the URL may post there."""

    url: SecretStr


class KeySecret(_Input):
    """Of PagerDuty (a routing key) and Opsgenie (an API key)."""

    key: SecretStr
