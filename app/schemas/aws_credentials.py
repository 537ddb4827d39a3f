"""Credentials as they cross the edge. What answers have no member for, they cannot
show: the secret comes in and never goes out."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, computed_field
from pydantic.types import StringConstraints
from pydantic_core import PydanticCustomError

from app.core.clock import now
from app.models.aws_account import (
    CredentialsKind,
    CredentialsPurpose,
    CredentialsStatus,
)
from app.schemas.aws_errors import AWSErrorRead
from app.schemas.base import Input, Output
from app.schemas.policies import RoleRecipe
from app.schemas.texts import Name, OneLine

_PRINTABLE = frozenset(map(chr, range(0x21, 0x7F)))


def _pasted_whole(secret: SecretStr) -> SecretStr:
    if not _PRINTABLE.issuperset(secret.get_secret_value()):
        raise PydanticCustomError(
            "not_a_secret_key",
            "A secret access key has no spaces, line breaks or letters beyond ASCII",
        )
    return secret


RoleArn = Annotated[str, StringConstraints(min_length=1, max_length=640), OneLine]
AccessKeyId = Annotated[str, StringConstraints(min_length=1, max_length=128), OneLine]
SecretAccessKey = Annotated[
    SecretStr, Field(min_length=16, max_length=128), AfterValidator(_pasted_whole)
]


class WayIn(Input):
    """A role's ARN, or an access key with its secret."""

    role_arn: RoleArn | None = Field(
        default=None, examples=["arn:aws:iam::123456789012:role/Cloudrota"]
    )
    access_key_id: AccessKeyId | None = Field(
        default=None, description="A long-term key, AKIA…; temporary ones are refused."
    )
    secret_access_key: SecretAccessKey | None = None


class CredentialsConnect(WayIn):
    """One way into an AWS account: `role` takes `role_arn`, `access_key` takes
    `access_key_id` and `secret_access_key`. There is no member for an ExternalId: it is
    made by us, see `/aws-credentials/onboarding`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "role",
                "purpose": "read",
                "name": "Production",
                "role_arn": "arn:aws:iam::123456789012:role/Cloudrota",
            }
        }
    )

    kind: CredentialsKind
    purpose: CredentialsPurpose = CredentialsPurpose.READ
    name: Name = Field(description="Also the first name of a new account.")


class CredentialsUpdate(WayIn):
    """What is absent or null stays. A new role or key is verified anew."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Production"}})

    name: Name | None = None


class CheckRead(Output):
    """One step of a verification. `unknown` is no proof of anything."""

    check: str
    outcome: Literal["passed", "failed", "unknown"]
    detail: str
    error: AWSErrorRead | None
    at: datetime


class CredentialsRead(Output):
    """Only `verified` credentials are used, and a key whose replacement is `pending`.
    `version` counts their roles or keys."""

    id: UUID
    name: str
    kind: CredentialsKind
    purpose: CredentialsPurpose
    status: CredentialsStatus
    reason: str | None
    aws_account_id: UUID | None
    role_arn: str | None
    access_key_last4: str | None
    access_key_fingerprint: str | None
    version: int = Field(validation_alias="current_version")
    checks: list[CheckRead]
    error: AWSErrorRead | None
    verified_at: datetime | None
    verify_requested_at: datetime | None
    created_by: UUID
    created_at: datetime
    key_created_at: datetime | None = Field(
        None, description="When the access key was made, if IAM says it."
    )
    key_stored_at: datetime | None = Field(
        None, description="When the access key was stored here."
    )
    key_warned_at: datetime | None = Field(
        None, description="When admins were told that the access key is old."
    )

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def age_days(self) -> int | None:
        """Of an access key, in whole days; `age_known_by` says since when."""
        since = self.key_created_at or self.key_stored_at
        return None if since is None else max(0, (now() - since).days)

    @computed_field  # type: ignore[prop-decorator]  # same
    @property
    def age_known_by(self) -> Literal["iam", "stored"] | None:
        """`iam`: it said when the key was made. `stored`: it did not, the age counts
        from when the key was stored here, and it may be older."""
        if self.key_created_at is not None:
            return "iam"
        return None if self.key_stored_at is None else "stored"

    @computed_field  # type: ignore[prop-decorator]  # same
    @property
    def warning(self) -> Literal["key_is_old"] | None:
        """What is no reason to stop, and should be looked at."""
        return None if self.key_warned_at is None else "key_is_old"

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented form
    @property
    def verification_pending(self) -> bool:
        """A verification was asked for and has not ended."""
        asked, ended = self.verify_requested_at, [check.at for check in self.checks]
        return asked is not None and (not ended or max(ended) < asked)


PreflightOutcome = Literal["passed", "failed", "unknown"]


class NeedingTask(Output):
    id: UUID
    name: str


class MissingAction(Output):
    """An action that would be refused, by whom, and the tasks that need it."""

    action: str
    decision: Literal["implicit_deny", "explicit_deny"]
    denied_by: Literal["organization", "permissions_boundary", "identity_policies"]
    tasks: list[NeedingTask]


class PreflightRead(Output):
    """What IAM's simulation at the last verification says of the tasks as they are now.
    `unknown_actions` are needed and were not simulated then; `unknown` is no proof of
    anything, and `reason` says why nothing is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "at": "2026-03-03T06:00:04Z",
                    "outcome": "failed",
                    "reason": None,
                    "error": None,
                    "needed": 30,
                    "missing": [
                        {
                            "action": "rds:DescribeDBInstances",
                            "decision": "implicit_deny",
                            "denied_by": "identity_policies",
                            "tasks": [
                                {
                                    "id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10",
                                    "name": "EC2 and RDS health",
                                }
                            ],
                        }
                    ],
                    "unknown_actions": [],
                    "note": "This is IAM's simulation of the identity's own policies.",
                }
            ]
        }
    )

    at: datetime | None
    outcome: PreflightOutcome
    reason: str | None
    error: AWSErrorRead | None
    needed: int = Field(description="Actions that the tasks on the account need.")
    missing: list[MissingAction]
    unknown_actions: list[str]
    note: str


class Onboarding(RoleRecipe):
    """All that is needed to make the role. `quick_create_link` is null where this
    deployment has published no template."""

    principal_arn: str
    external_id: str
    role_name: str
    trust_policy: dict[str, Any]
    policies: list[dict[str, Any]]
