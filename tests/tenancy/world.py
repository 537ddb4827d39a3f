"""Rows of every table for several owners, made from the models: a table of tomorrow is
filled without being written here, unless its checks ask for more than its types say."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Enum,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    Uuid,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.models import Base

Row = dict[str, Any]


@dataclass(frozen=True)
class Holdings:
    """One row of every table, all of one owner. Every text of theirs holds `mark`. The
    task names its account, or checks the service `selects` wherever its label is."""

    mark: str
    label: str
    account_id: str
    organization_id: UUID
    user_id: UUID
    selects: str | None = None
    rows: dict[str, Row] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rows["organizations"] = {"id": self.organization_id}
        self.rows["users"] = {"id": self.user_id}

    def id_of(self, table: str) -> UUID:
        """Also of a row that is not made yet: it will have this id."""
        found: UUID = self.rows.setdefault(table, {"id": new_id()})["id"]
        return found

    def ids_for(self, nouns: Mapping[str, str]) -> dict[str, UUID]:
        """The ids of this owner for the parameters of a path, given their tables."""
        return {name: self.id_of(table) for name, table in nouns.items()}

    @property
    def file(self) -> bytes:
        """What the file of the artifact holds."""
        return self.mark.encode()

    @property
    def traces(self) -> set[str]:
        """What no answer to somebody who may not see these rows may contain."""
        own = self.rows.keys() - {"organizations", "users", *ONE_EACH}
        ids = {str(self.rows[table].get("id", self.mark)) for table in own}
        return ids | {self.mark}


def tenant_tables() -> list[Table]:
    """Parents first."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if "organization_id" in table.columns
    ]


def account_tables() -> set[str]:
    """The tables whose rows belong to one AWS account, and those of tasks, which are
    seen by who sees all of their accounts."""
    found = {"aws_accounts"}
    for table in Base.metadata.sorted_tables:
        parents = {key.referred_table.name for key in table.foreign_key_constraints}
        if parents & found:
            found.add(table.name)
    return found | {"tasks", "task_versions", "task_runs"}


async def fill(
    session: AsyncSession, holdings: Holdings, tables: Collection[str] | None = None
) -> None:
    """Give the owner a row in each of `tables` (by default in all); where it has one,
    and in other tables, any row of its organization stands for it."""
    for table in tenant_tables():
        present = await _present(session, table, holdings.organization_id)
        is_wanted = tables is None or table.name in tables
        if present is not None and (not is_wanted or table.name in ONE_EACH):
            holdings.rows[table.name] = present
        else:
            row = _row(table, holdings)
            await session.execute(insert(table).values(row))
            holdings.rows[table.name] = row


async def add_selecting_task(
    session: AsyncSession, holdings: Holdings, service: str
) -> Holdings:
    """A second task, which finds its accounts by their label; the rest is the same."""
    twin = replace(holdings, mark=f"{holdings.mark}TWO", selects=service, rows={})
    await fill(session, twin, {"tasks", "task_versions"})
    return twin


async def _present(
    session: AsyncSession, table: Table, organization_id: UUID
) -> Row | None:
    statement = select(table).where(table.c.organization_id == organization_id)
    row = (await session.execute(statement.limit(1))).mappings().one_or_none()
    return None if row is None else dict(row)


def _row(table: Table, holdings: Holdings) -> Row:
    facts = FACTS[table.name](holdings) if table.name in FACTS else {}
    pointers = _pointers(table, holdings)
    row: Row = dict(holdings.rows.get(table.name, {}))
    for column in table.columns:
        if column.name in row:
            continue
        if column.name in facts:
            row[column.name] = facts[column.name]
        elif column.name in pointers:
            row[column.name] = pointers[column.name]
        elif _needs_value(column):
            row[column.name] = _made(column, holdings.mark)
    return row


def _pointers(table: Table, holdings: Holdings) -> Row:
    """The values of foreign keys: the owner's rows, its organization, its user."""
    found: Row = {"organization_id": holdings.organization_id}
    for key in table.foreign_key_constraints:
        parent = key.referred_table.name
        for own, theirs in _pairs(key):
            if parent == "users":
                found[own] = holdings.user_id
            elif parent in holdings.rows:
                found[own] = holdings.rows[parent][theirs]
    return found


def _pairs(key: ForeignKeyConstraint) -> list[tuple[str, str]]:
    """The columns besides the tenant, and what they point at."""
    pairs = [(part.parent.name, part.column.name) for part in key.elements]
    return [pair for pair in pairs if pair[0] != "organization_id"] or pairs


def _needs_value(column: Column[Any]) -> bool:
    if isinstance(column.type, String) and not isinstance(column.type, Enum):
        return column.server_default is None
    return not column.nullable and column.server_default is None


def _made(column: Column[Any], mark: str) -> Any:
    makers: tuple[tuple[type[Any], Callable[[], Any]], ...] = (
        (Enum, lambda: column.type.enums[0]),  # type: ignore[attr-defined]  # an Enum's
        (String, lambda: f"{mark} {column.name}"),
        (Uuid, new_id),
        (Integer, lambda: 1),
        (DateTime, lambda: now() - timedelta(hours=1)),
        (Date, lambda: now().date()),
        (LargeBinary, lambda: secrets.token_bytes(32)),
        (JSONB, dict),
    )
    for kind, make in makers:
        if isinstance(column.type, kind):
            return make()
    return True


# ── what the types do not say ────────────────────────────────────────────────────


def _error(owner: Holdings) -> Row:
    return {
        "category": "AWSPermissionError",
        "code": "UnauthorizedOperation",
        "message": f"{owner.mark} is not authorized",
        "service": "ec2",
        "operation": "DescribeInstances",
        "region": "eu-central-1",
        "request_id": f"{owner.mark}-request",
        "http_status": 403,
        "missing_action": "ec2:DescribeInstances",
        "resource": None,
        "deny_source": None,
        "advice": f"Ask {owner.mark}.",
        "retries": 0,
        "phase": "call",
        "notes": ["permission"],
    }


_SCHEDULE: Row = {"kind": "on_demand", "timezone": "UTC"}
_UNIT: Row = {
    "kind": "list",
    "service": "ec2",
    "region": "eu-central-1",
    "key": "ec2:DescribeInstances",
}
_REGION: Row = {"region": "eu-central-1"}


def _targets(owner: Holdings) -> Row:
    if owner.selects:
        return {"selector": {"client": [owner.label]}}
    return {"account_ids": [str(owner.id_of("aws_accounts"))]}


def _task(owner: Holdings) -> Row:
    return {
        "kind": "read",
        "timezone": "UTC",
        "schedule": _SCHEDULE,
        "disabled_reason": None,
        "enabled": True,
        "timeout_seconds": 900,
        "selector": _targets(owner).get("selector"),
    }


def _account(owner: Holdings) -> Row:
    return {
        "account_id": owner.account_id,
        "labels": {"client": owner.label, "owner": owner.mark},
        "connected": True,
    }


def _credentials(owner: Holdings) -> Row:
    return {
        "role_arn": f"arn:aws:iam::{owner.account_id}:role/{owner.mark}",
        "status": "verified",
        "access_key_last4": None,
        "access_key_fingerprint": None,
        "verified_at": now(),
        "error": _error(owner),
    }


def _task_version(owner: Holdings) -> Row:
    return {
        "type": "health_check" if owner.selects else "resource_list",
        "services": [owner.selects or "ec2"],
        "regions": ["eu-central-1"],
        "targets": _targets(owner),
        "schedule": _SCHEDULE,
        "timeout_seconds": 900,
    }


def _execution(owner: Holdings) -> Row:
    return {
        "kind": "read",
        "status": "failed",
        "error": _error(owner),
        "timeout_seconds": 900,
        "finished_at": now(),
    }


def _result(owner: Holdings) -> Row:
    covered = _UNIT | {"reason": owner.mark}
    covered.pop("kind")
    names = ("read", "not_read", "not_applicable", "excluded")
    lists = {name: [covered | {"key": "*"}] for name in names}
    lists["not_read"] = [covered]  # the one unit, which failed
    counted = {"verdict": "unhealthy", "counts": {"unhealthy": 1}, "pacing": "local"}
    return counted | {"coverage": lists}


FACTS: Mapping[str, Callable[[Holdings], Row]] = {
    "aws_accounts": _account,
    "aws_credentials": _credentials,
    "tasks": _task,
    "task_versions": _task_version,
    "task_runs": lambda _: {
        "trigger": "manual",
        "status": "failed",
        "root_run_id": None,
    },
    "task_executions": _execution,
    "execution_units": lambda owner: (
        _UNIT
        | {"status": "failed", "verdict": "unhealthy", "error": _error(owner)}
        | {"pacing": "shared"}
    ),
    "execution_events": lambda _: {
        "kind": "status",
        "from_status": "running",
        "to_status": "failed",
    },
    "task_results": _result,
    "scopes": lambda owner: (
        _UNIT
        | {"as_of": now(), "verdict": "unhealthy", "counts": {"unhealthy": 1}}
        | {"error": _error(owner), "task_id": owner.id_of("tasks")}
        | {"execution_id": owner.id_of("task_executions")}
    ),
    "resources": lambda _: (
        _REGION | {"service": "ec2", "type": "ec2:instance"} | {"tags": {}}
    ),
    "resource_versions": lambda owner: {
        "document": {"Name": owner.mark},
        "until_read": None,
    },
    "findings": lambda owner: (
        _REGION
        | {"verdict": "unhealthy", "facts": {"of": owner.mark}, "until_read": None}
    ),
    "live_events": lambda owner: {"facts": {"reason": owner.mark}},
    "notices": lambda owner: {
        "event": "problem.opened",
        "facts": {"error": _error(owner)},
        "execution_id": owner.id_of("task_executions"),
        "problem_id": owner.id_of("problems"),
    },
    "notice_wants": lambda _: {"event": "execution.failed"},
    "problems": lambda owner: {
        "status": "open",
        "category": "AWSPermissionError",
        "error": _error(owner),
    },
    "deliveries": lambda owner: {
        "channel_id": owner.id_of("notification_channels"),
        "endpoint_id": None,
        "drop_reason": None,
        "status": "failed",
        "tries": [],
        "told": [],
        "available_at": now(),
    },
    "notification_rules": lambda _: {
        "events": ["problem.opened"],
        "wants": ["problem.closed", "problem.opened"],
        "filters": {},
        "deleted_at": None,
    },
    "notification_mutes": lambda owner: {
        **dict.fromkeys(("task_id", "problem_id", "channel_id", "rule_id")),
        "aws_account_id": owner.id_of("aws_accounts"),
        "until": now() + timedelta(days=1),
    },
    "api_keys": lambda _: {"scopes": [], "allowed_addresses": None},
    "notification_channels": lambda owner: {
        "configuration": {
            "type": "email",
            "to": "address",
            "address": f"{owner.mark}@example.com",
        },
        "secret_fingerprint": None,
    },
    "webhook_endpoints": lambda _: {"events": ["problem.opened"]},
    "channel_secrets": lambda owner: {
        "channel_id": owner.id_of("notification_channels"),
        "endpoint_id": None,
    },
    "artifacts": lambda owner: {
        "part": "resources",
        "format": "csv",
        "status": "ready",
        "bytes": len(owner.file),
        "sha256": hashlib.sha256(owner.file).hexdigest(),
    },
    # The newest, whatever is refused to the people meanwhile.
    "audit_events": lambda owner: {
        "at": now() + timedelta(days=1),
        "subject_id": owner.id_of("tasks"),
        "once": None,
    },
    "outbox": lambda _: {"kind": "mail.verify_email", "status": "done"},
    "usage_months": lambda _: {"month": now().date().replace(day=1)},
}

# Tables of which an organization has one row, or whose rows others brought along.
ONE_EACH = {
    "members",
    "subscriptions",
    "user_sessions",
    "audit_unsealed",
    "usage_counts",
    "usage_months",
    "usage_warnings",
}
