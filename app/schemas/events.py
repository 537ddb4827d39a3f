"""What the event stream sends: changes, and what is said of the stream itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from app.models.aws_account import (
    CredentialsKind,
    CredentialsPurpose,
    CredentialsStatus,
)
from app.models.problem import ProblemStatus
from app.models.run import Status, UnitStatus
from app.schemas.base import Output

_IDS = (
    "The things that changed, where they are at most 20; of more only `count` is told,"
    " and what differs between them is null."
)


class _Change(Output):
    """What every change tells. Of two about one thing the one with the higher `id` is
    the later. `aws_account_id` is null for credentials whose account is not known
    yet; members who are limited to some accounts are not told of those."""

    id: int
    at: datetime
    aws_account_id: UUID | None


class _Changes(_Change):
    count: int
    ids: list[UUID] = Field(max_length=20, description=_IDS)


class ExecutionChanged(_Changes):
    """Executions were queued, started or ended, are tried again, or are asked to
    stop."""

    kind: Literal["execution.changed"]
    status: Status
    reason: str | None
    cancel_requested: bool
    task_id: UUID | None
    run_id: UUID | None


class UnitChanged(_Changes):
    """Units of one execution were begun or ended; those still pending are not told."""

    kind: Literal["unit.changed"]
    execution_id: UUID
    status: UnitStatus
    reason: str | None
    verdict: str | None
    of: str | None = Field(description="`list` or `health`.")
    service: str | None
    region: str | None
    key: str | None


class ProblemChanged(_Changes):
    """Problems were opened, struck again, edited or closed."""

    kind: Literal["problem.changed"]
    status: ProblemStatus
    category: str | None
    code: str | None
    missing_action: str | None
    occurrences: int | None


class CredentialsChanged(_Changes):
    """Credentials were added, verified, refused, rotated, edited or deleted."""

    kind: Literal["credentials.changed"]
    status: CredentialsStatus
    reason: str | None
    of: CredentialsKind | None
    purpose: CredentialsPurpose | None


class ResourcesChanged(_Change):
    """A listing or check read something new of one account in one region. `counts` are
    resources: of a listing by what became of them, of a check by verdict."""

    kind: Literal["resources.changed"]
    of: str = Field(description="`list` or `health`.")
    service: str
    region: str
    key: str
    verdict: str | None
    counts: dict[str, int]


class StreamSaid(Output):
    """Of the stream itself: `live`, `degraded`, `reset`, `overflow`, `closing`. `from`
    is of a reset: what changed before it is not told, read it anew."""

    reason: Literal[
        "opened",
        "queue_back",
        "queue_away",
        "expired",
        "unknown",
        "slow",
        "session_ended",
        "access_changed",
        "token_expired",
        "unavailable",
        "stopping",
    ]
    starts_at: datetime | None = Field(default=None, serialization_alias="from")


Change = Annotated[
    ExecutionChanged
    | UnitChanged
    | ProblemChanged
    | CredentialsChanged
    | ResourcesChanged,
    Field(discriminator="kind"),
]
_CHANGE: TypeAdapter[Any] = TypeAdapter(Change)

EXAMPLE = """\
retry: 2400

id: 48213-0-1767225600
event: live
data: {"reason":"opened"}

id: 48230-9127-1767225604
event: execution.changed
data: {"id":9127,"at":"2026-01-01T00:00:04Z","aws_account_id":\
"01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31","count":1,"ids":\
["01961f60-1c2d-7a11-8a0c-3f1d8a5e9b10"],"kind":"execution.changed",\
"status":"running","reason":null,"cancel_requested":false,"task_id":\
"01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10","run_id":"01961f60-1c2c-7b53-9d10-6a2b7c8d9e0f"}

: heartbeat
id: 48230-0-1767225619

event: closing
data: {"reason":"token_expired"}

"""


def change_as_json(change: Mapping[str, Any]) -> bytes:
    """Members that no shape knows are left out. Raises ValidationError for a change
    that has none of the shapes."""
    return _CHANGE.dump_json(_CHANGE.validate_python(change))


def openapi_schemas() -> dict[str, Any]:
    """Every shape by name, for the components of the OpenAPI document: FastAPI finds
    those of JSON answers only."""
    both: TypeAdapter[Any] = TypeAdapter(Change | StreamSaid)
    document = both.json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = document["$defs"]
    return schemas
