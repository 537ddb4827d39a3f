"""Members and invitations as they cross the edge."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from app.core.permissions import Role
from app.schemas.auth import PASSWORD_FORM, EmailAddress, OpaqueToken, PasswordText
from app.schemas.aws_accounts import MAX_LABELS, LabelKey, LabelValue
from app.schemas.base import Input, Output
from app.schemas.instants import Instant
from app.schemas.texts import Name, TimeZone

MAX_VALUES = 200

_Values = Annotated[list[LabelValue], Field(min_length=1, max_length=MAX_VALUES)]
LabelScope = Annotated[
    dict[LabelKey, _Values],
    Field(
        min_length=1,
        max_length=MAX_LABELS,
        description="Which accounts are seen: those that carry each of these labels"
        " with one of its values. Null: all accounts.",
    ),
]
_SCOPE: JsonValue = {"client": ["north"]}


class MemberRead(Output):
    """A user in this organization."""

    id: UUID
    user_id: UUID
    name: str
    email: str
    role: Role
    label_scope: dict[str, list[str]] | None
    expires_at: datetime | None
    created_at: datetime


class MemberPatch(Input):
    """What is absent stays; a null limit or end is lifted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"role": "viewer", "label_scope": _SCOPE}]}
    )

    role: Role = Role.VIEWER
    label_scope: LabelScope | None = None
    expires_at: Instant | None = None


class Handover(Input):
    """Who is to own the organization; the present owner becomes an admin."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"member_id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"}]
        }
    )

    member_id: UUID


class InvitationCreate(Input):
    """Whom to invite, and what the member will be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "norma@example.com",
                    "role": "viewer",
                    "label_scope": _SCOPE,
                    "member_expires_at": "2030-01-31T00:00:00Z",
                }
            ]
        }
    )

    email: EmailAddress
    role: Role
    label_scope: LabelScope | None = None
    member_expires_at: Instant | None = Field(
        default=None, description="When the membership ends; null: never."
    )


class InvitationRead(Output):
    """`expired` ones can be sent again by inviting the address anew."""

    id: UUID
    email: str
    role: Role
    label_scope: dict[str, list[str]] | None
    member_expires_at: datetime | None
    invited_by: UUID = Field(description="The member who did.")
    created_at: datetime
    expires_at: datetime
    status: Literal["open", "accepted", "withdrawn", "expired"]


class InvitationMade(InvitationRead):
    link: str | None = Field(
        description="Where this deployment sends no mail: what to hand to the invited"
        " person, and to nobody else. Null where it was mailed."
    )


class MailedInvitation(Input):
    """The token behind the # of the mailed link."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"token": "YQ3v0cJ1mZb8uVw2kXn5tRs7pLd9fGh4jKa6eTy0oIc"}]
        }
    )

    token: OpaqueToken


class InvitationAnswer(MailedInvitation):
    """The token, and what `asks_for` named."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "YQ3v0cJ1mZb8uVw2kXn5tRs7pLd9fGh4jKa6eTy0oIc",
                    "name": "Norma Lind",
                    "password": "a walk along the river",
                    "timezone": "Europe/Berlin",
                }
            ]
        }
    )

    name: Name | None = None
    password: PasswordText | None = Field(
        default=None,
        repr=False,
        description="12 to 128 characters.",
        json_schema_extra=PASSWORD_FORM,
    )
    timezone: TimeZone | None = Field(
        default=None,
        description="Of a new account: an IANA name, such as Europe/Berlin.",
    )


class Offer(Output):
    """What is offered, to whom, and what accepting it needs: nothing of who has a
    verified account already, which signs in afterwards as always."""

    organization_name: str
    email: str
    role: Role
    expires_at: datetime
    asks_for: list[Literal["name", "password"]]
