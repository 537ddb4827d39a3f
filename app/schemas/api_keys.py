"""API keys as they cross the edge: the key itself once, what is known of it always."""

import ipaddress
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from app.core.permissions import OPEN_TO_KEYS, Permission
from app.schemas.base import Input, Output
from app.schemas.instants import Instant
from app.schemas.tasks import Selector
from app.schemas.texts import Name

MAX_ADDRESSES = 50

Kind = Literal["personal", "service"]
State = Literal["active", "expired", "revoked", "member_gone"]


def _scope(permission: Permission) -> Permission:
    if permission not in OPEN_TO_KEYS:
        raise PydanticCustomError("forbidden_to_keys", "No API key may have this")
    return permission


def _network(text: str) -> str:
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        raise PydanticCustomError(
            "address", "Write an address or a network such as 192.0.2.0/24"
        ) from error
    if network.version == 6 and network.network_address.ipv4_mapped is not None:  # noqa: PLR2004 — of the protocol
        raise PydanticCustomError("address", "Write an IPv4 address as such")
    return str(network)


Scope = Annotated[Permission, AfterValidator(_scope)]
Network = Annotated[
    str, StringConstraints(min_length=1, max_length=64), AfterValidator(_network)
]

_EXAMPLE: dict[str, JsonValue] = {
    "name": "nightly report",
    "scopes": ["tasks.read", "executions.read", "inventory.read"],
    "label_scope": None,
    "allowed_addresses": ["192.0.2.0/24", "2001:db8::7"],
}
_READ: dict[str, JsonValue] = {
    "id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
    "kind": "personal",
    "owner": {"id": "01961f4e-1111-7c11-9b0e-5a4f2d8c6e31", "name": "Alice Berger"},
    "prefix": "cr_live_7Nq2Zk4RbT0x",
    "state": "active",
    **_EXAMPLE,
    "allowed_addresses": ["192.0.2.0/24", "2001:db8::7/128"],
    "created_at": "2026-03-02T08:15:30Z",
    "expires_at": None,
    "last_used_at": None,
    "revoked_at": None,
}


class APIKeyInput(Input):
    """What a key is for. It cannot be changed later: revoke it and make another."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "personal", **_EXAMPLE}]}
    )

    name: Name
    kind: Kind = Field(
        description="A personal key ends with your membership; a service key belongs to"
        " the organization and stays, and needs `service_keys.edit`."
    )
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=50)] = Field(
        description="Permissions, each of which you have and keys may have."
    )
    label_scope: Selector | None = Field(
        default=None,
        description="Only AWS accounts with these labels; never more than you see.",
    )
    allowed_addresses: (
        Annotated[list[Network], Field(min_length=1, max_length=MAX_ADDRESSES)] | None
    ) = Field(
        default=None,
        description="Addresses and networks it is good from. Null: from everywhere.",
    )
    expires_at: Instant | None = Field(
        default=None, description="Null: never. We suggest a year at most."
    )


class KeyOwner(Output):
    id: UUID
    name: str


def _if_any(owner: Any) -> Any:
    """A row without an owner has one that is all null."""
    return None if owner is None or getattr(owner, "id", owner) is None else owner


class APIKeyRead(Output):
    """What is known of a key. `owner` is null for a service key; a personal key is
    `member_gone` when its member was removed, has expired, or is disabled."""

    model_config = ConfigDict(json_schema_extra={"examples": [_READ]})

    id: UUID
    name: str
    kind: Kind
    owner: Annotated[KeyOwner | None, BeforeValidator(_if_any)]
    prefix: str
    state: State
    scopes: list[str]
    label_scope: dict[str, list[str]] | None
    allowed_addresses: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class APIKeyMade(APIKeyRead):
    """`key` is shown this once. It is null in the answer to a repeat with the same
    Idempotency-Key, for we do not have it any more."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_READ | {"key": "cr_live_7Nq2Zk4RbT0x_…"}],
        }
    )

    key: str | None = Field(repr=False)
