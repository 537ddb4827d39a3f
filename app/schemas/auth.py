"""Registration, signing in, and who is signed in, as they cross the edge."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    EmailStr,
    Field,
    JsonValue,
    StringConstraints,
)

from app.core.permissions import Permission, Role
from app.schemas.base import Input, Output
from app.schemas.organization import OrganizationRead
from app.schemas.texts import Name, TimeZone

MAX_PASSWORD_LENGTH = 128

# Lower case, because it is compared and unique as it stands.
EmailAddress = Annotated[EmailStr, Field(max_length=254), AfterValidator(str.lower)]

# Spaces at the ends of a password belong to it; NUL ends it for the hash's C code.
PasswordText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=False,
        min_length=1,
        max_length=MAX_PASSWORD_LENGTH,
        pattern=r"^[^\x00]*$",
    ),
]
PASSWORD_FORM: dict[str, JsonValue] = {"format": "password", "writeOnly": True}
Password = Annotated[PasswordText, Field(repr=False, json_schema_extra=PASSWORD_FORM)]

_CodeText = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z -]{6,40}$")]
# Of the authenticator app, or a recovery code.
SecondFactorCode = Annotated[
    _CodeText | None, Field(repr=False, json_schema_extra={"writeOnly": True})
]

OwnZone = Annotated[
    TimeZone | None,
    Field(description="One's own time zone: an IANA name, such as Europe/Berlin."),
]

OpaqueToken = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._-]+$")
]


class Registration(Input):
    """A person and the organization it will own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "email": "alice@example.com",
                    "password": "a walk along the river",
                    "name": "Alice Berger",
                    "organization_name": "Acme",
                    "timezone": "Europe/Berlin",
                }
            ]
        }
    )

    email: EmailAddress
    password: Password = Field(description="12 to 128 characters.")
    name: Name
    organization_name: Name
    timezone: OwnZone = None


class SignIn(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"email": "alice@example.com", "password": "a walk along the river"}
            ]
        }
    )

    email: EmailAddress
    password: Password
    code: SecondFactorCode = None


class EmailVerification(Input):
    """The token behind the # of the mailed link."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"token": "YQ3v0cJ1mZb8uVw2kXn5tRs7pLd9fGh4jKa6eTy0oIc"}]
        }
    )

    token: OpaqueToken


class PasswordChange(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "current_password": "a walk along the river",
                    "new_password": "a walk across the bridge",
                }
            ]
        }
    )

    current_password: Password
    new_password: Password = Field(
        description="12 to 128 characters; 8 do for who has a second factor."
    )


class AccountDeletion(Input):
    """One's own address, so that nobody does it by mistake."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "alice@example.com"}]}
    )

    email: EmailAddress


class ForgottenPassword(Input):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "alice@example.com"}]}
    )

    email: EmailAddress


class PasswordReset(Input):
    """The token behind the # of the mailed link, and the new password."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "YQ3v0cJ1mZb8uVw2kXn5tRs7pLd9fGh4jKa6eTy0oIc",
                    "password": "a walk across the bridge",
                }
            ]
        }
    )

    token: OpaqueToken
    password: Password = Field(
        description="12 to 128 characters; 8 do for who has a second factor."
    )


class SessionRead(Output):
    """Where one is signed in. `user_agent` and `address` are those of the sign-in."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime = Field(
        validation_alias="rotated_at",
        description="When its access token was renewed last.",
    )
    expires_at: datetime
    user_agent: str | None
    address: str | None
    is_this_one: bool


class OrganizationCreate(Input):
    """A further organization, which one owns."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Acme Labs"}]})

    name: Name


class OrganizationChoice(Input):
    """Which of one's organizations the access token is for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"organization_id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"}]
        }
    )

    organization_id: UUID


class AccessToken(Output):
    """`expires_in` is in seconds; the refresh token travels in its cookie alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "access_token": "header.claims.signature",
                    "token_type": "bearer",
                    "expires_in": 600,
                }
            ]
        }
    )

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 — OAuth's word, not a token
    expires_in: int


class RefreshedToken(AccessToken):
    """Names its organization, so that a tab notices what it was given."""

    organization_id: UUID


class UserRead(Output):
    """A person; `timezone` is null until it says one."""

    id: UUID
    email: str
    name: str
    timezone: str | None
    email_verified_at: datetime | None
    created_at: datetime


class UserUpdate(Input):
    """What is absent stays; null takes it back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"timezone": "Europe/Berlin"}]}
    )

    timezone: OwnZone = None


class Registered(AccessToken):
    """What came to be, and an access token for it."""

    user: UserRead
    organization: OrganizationRead


class StepUp(Input):
    """The code is needed by who has a second factor, else the password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "a walk along the river"}]}
    )

    password: Annotated[
        PasswordText | None,
        Field(repr=False, json_schema_extra={"format": "password", "writeOnly": True}),
    ] = None
    code: SecondFactorCode = None


class AuthenticatorEnrolment(Output):
    """For the authenticator app, once: it is never told again."""

    secret: str = Field(description="In base32, to be typed.")
    uri: str = Field(description="otpauth://…, to be shown as a QR code.")


class FirstCode(Input):
    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "492039"}]})

    code: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{3} ?[0-9]{3}$"),
        Field(repr=False, json_schema_extra={"writeOnly": True}),
    ]


class RecoveryCodes(Output):
    """Each works once in place of a code of the app. They are never told again."""

    recovery_codes: list[str]


class MfaState(Output):
    """`enabled_at` null is off."""

    enabled_at: datetime | None
    recovery_codes_left: int


class MembershipRead(Output):
    """One of the organizations that a user may switch to."""

    organization_id: UUID
    name: str
    role: Role


class Me(Output):
    """Who is signed in, where, and what it may do there; `label_scope` null is no
    limit to some accounts."""

    user: UserRead
    organization: OrganizationRead
    role: Role
    permissions: list[Permission]
    label_scope: dict[str, list[str]] | None
    memberships: list[MembershipRead]
    mfa_enabled: bool
