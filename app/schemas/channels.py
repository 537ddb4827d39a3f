"""Notification channels as they cross the edge. What answers have no member for, they
cannot show: a secret comes in and never goes out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StrictBool,
    StringConstraints,
    computed_field,
)
from pydantic_core import PydanticCustomError

from app.core.channels import ChannelType, Configuration
from app.schemas.auth import EmailAddress, OpaqueToken
from app.schemas.base import Input, Output
from app.schemas.members import LabelScope
from app.schemas.texts import Name, OneLine

_PRINTABLE = frozenset(map(chr, range(0x21, 0x7F)))
_Text = Annotated[str, StringConstraints(min_length=1, max_length=512), OneLine]


def _pasted_whole(secret: SecretStr) -> SecretStr:
    if not _PRINTABLE.issuperset(secret.get_secret_value()):
        raise PydanticCustomError(
            "not_a_secret",
            "A secret has no spaces, line breaks or letters beyond ASCII",
        )
    return secret


SecretUrl = Annotated[
    SecretStr, Field(min_length=1, max_length=2048), AfterValidator(_pasted_whole)
]
SecretKey = Annotated[
    SecretStr, Field(min_length=16, max_length=128), AfterValidator(_pasted_whole)
]

_CONFIGURATION: dict[str, JsonValue] = {
    "type": "email",
    "to": "address",
    "address": "operations@example.com",
}
_ENTRY: dict[str, JsonValue] = {
    "name": "Operations",
    "configuration": _CONFIGURATION,
    "label_scope": None,
    "enabled": True,
}


def _is_none(value: object) -> bool:
    return value is None


class ConfigurationInput(Input):
    """Which members belong to which type, besides what it keeps secret:

    - `email`: `to`; for `managers` (owners and admins who see all accounts, as they are
      when it is sent) nothing else, for `address` an `address`, to be confirmed there
    - `slack`, `teams`, `discord`: none; the secret is the `url` of an incoming webhook
    - `pagerduty`: `region` (`us`, the default, or `eu`); the secret is the routing key
    - `opsgenie`: the same; the secret is an API key
    - `sns`: `credentials_id` of verified credentials of yours, and either `topic_arn`,
      in the same account, or `phone_number` (+ and digits) and `region`
    """

    type: ChannelType
    to: Literal["managers", "address"] | None = Field(None, exclude_if=_is_none)
    address: EmailAddress | None = Field(None, exclude_if=_is_none)
    region: _Text | None = Field(None, exclude_if=_is_none)
    credentials_id: UUID | None = Field(None, exclude_if=_is_none)
    topic_arn: _Text | None = Field(None, exclude_if=_is_none)
    phone_number: _Text | None = Field(None, exclude_if=_is_none)


class ChannelInput(Input):
    """A way to tell people."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    name: Name
    configuration: ConfigurationInput
    url: SecretUrl | None = Field(
        default=None, description="Of Slack, Teams and Discord. It is not shown again."
    )
    key: SecretKey | None = Field(
        default=None, description="Of PagerDuty and Opsgenie. It is not shown again."
    )
    label_scope: LabelScope | None = Field(
        default=None, description="Only what concerns accounts with these labels."
    )
    enabled: StrictBool = True


class ChannelPatch(Input):
    """What is absent stays; a null limit is lifted. The type stays what it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "On call", "configuration": _CONFIGURATION}]
        }
    )

    name: Name | None = None
    configuration: ConfigurationInput | None = None
    url: SecretUrl | None = None
    key: SecretKey | None = None
    label_scope: LabelScope | None = None
    enabled: StrictBool | None = None


class ChannelRead(Output):
    """It is told something while it is `enabled` and since `verified_at`: null is an
    address that nobody has confirmed yet. `test_error` is what became of the last test;
    null, once `tested_at` is set: it arrived. `failing_since` is the beginning of an
    outage, `last_error` what came instead of its last success, and before
    `paused_until` it is not tried again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
                    "name": "Operations",
                    "type": "email",
                    "configuration": _CONFIGURATION,
                    "label_scope": None,
                    "enabled": True,
                    "secret_version": 0,
                    "secret_last4": None,
                    "secret_fingerprint": None,
                    "secret_stored_at": None,
                    "verified_at": None,
                    "test_requested_at": None,
                    "tested_at": None,
                    "test_error": None,
                    "test_pending": False,
                    "failing_since": None,
                    "paused_until": None,
                    "last_error": None,
                    "created_at": "2026-03-02T08:15:30Z",
                }
            ]
        }
    )

    id: UUID
    name: str
    type: ChannelType
    configuration: Configuration
    label_scope: dict[str, list[str]] | None
    secret_version: int = Field(description="Counts its secrets; 0: it needs none.")
    secret_last4: str | None
    secret_fingerprint: str | None
    secret_stored_at: datetime | None
    verified_at: datetime | None
    enabled: bool
    test_requested_at: datetime | None
    tested_at: datetime | None
    test_error: str | None
    failing_since: datetime | None = None
    paused_until: datetime | None = None
    last_error: str | None = None
    created_at: datetime

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def test_pending(self) -> bool:
        return is_pending(self.test_requested_at, self.tested_at)


def is_pending(requested_at: datetime | None, ended_at: datetime | None) -> bool:
    """Whether what was asked for has not ended yet."""
    if requested_at is None:
        return False
    return ended_at is None or ended_at < requested_at


class ChannelConfirmationInput(Input):
    """The token behind the # of the mailed link."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"token": "YQ3v0cJ1mZb8uVw2kXn5tRs7pLd9fGh4jKa6eTy0oIc"}]
        }
    )

    token: OpaqueToken
