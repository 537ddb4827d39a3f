"""Plain builders of rows that tests start from. They insert through any session that
may, usually the owner's, and flush; the caller commits by leaving the unit of work."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.ids import new_id
from app.core.queue import Priority
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsKind,
    CredentialsPurpose,
    CredentialsStatus,
)
from app.models.organization import Member
from app.models.task import (
    ActionKind,
    OnError,
    Overlap,
    Task,
    TaskTarget,
    TaskType,
    TaskVersion,
)


async def make_account(
    session: AsyncSession,
    organization_id: UUID,
    *,
    account_id: str = "123456789012",
    name: str = "Production",
    labels: dict[str, str] | None = None,
    exclusions: list[dict[str, Any]] | None = None,
    connected: bool = True,
    credentials: CredentialsStatus | None = CredentialsStatus.VERIFIED,
) -> AWSAccount:
    """An account and, unless `credentials` is None, a role to read it with, in that
    status."""
    account = AWSAccount(
        id=new_id(),
        organization_id=organization_id,
        account_id=account_id,
        name=name,
        labels=labels or {},
        exclusions=exclusions or [],
        connected=connected,
    )
    session.add(account)
    await session.flush()
    if credentials is not None:
        await make_credentials(
            session, organization_id, account, status=credentials, name=f"{name} role"
        )
    return account


async def make_credentials(
    session: AsyncSession,
    organization_id: UUID,
    account: AWSAccount | None,
    *,
    name: str = "Reader",
    kind: CredentialsKind = CredentialsKind.ROLE,
    purpose: CredentialsPurpose = CredentialsPurpose.READ,
    status: CredentialsStatus = CredentialsStatus.VERIFIED,
    created_by: UUID | None = None,
) -> AWSCredentials:
    """A way into `account`; an access key's account may be None until verified. The
    ciphertext of an access key is not made here."""
    account_id = account.account_id if account is not None else "000000000000"
    is_role = kind is CredentialsKind.ROLE
    credentials = AWSCredentials(
        id=new_id(),
        organization_id=organization_id,
        aws_account_id=account.id if account is not None else None,
        name=name,
        kind=kind,
        purpose=purpose,
        status=status,
        role_arn=f"arn:aws:iam::{account_id}:role/CloudrotaRead" if is_role else None,
        access_key_last4=None if is_role else "WXYZ",
        verified_at=now() if status is CredentialsStatus.VERIFIED else None,
        deleted_at=now() if status is CredentialsStatus.DELETED else None,
        created_by=created_by or await some_user_of(session, organization_id),
    )
    session.add(credentials)
    await session.flush()
    return credentials


async def make_task(
    session: AsyncSession,
    organization_id: UUID,
    *,
    accounts: tuple[AWSAccount, ...] = (),
    selector: dict[str, Any] | None = None,
    name: str = "Nightly list",
    type: TaskType = TaskType.RESOURCE_LIST,
    services: tuple[str, ...] = ("ec2",),
    regions: tuple[str, ...] = ("eu-central-1",),
    parameters: dict[str, Any] | None = None,
    schedule: dict[str, Any] | None = None,
    timezone: str = "UTC",
    next_run_at: datetime | None = None,
    enabled: bool = True,
    kind: ActionKind = ActionKind.READ,
    priority: Priority = Priority.NORMAL,
    overlap: Overlap = Overlap.SKIP,
    misfire_grace_seconds: int = 300,
    timeout_seconds: int = 900,
    on_error: OnError = OnError.STOP,
    retry_policy: dict[str, Any] | None = None,
    created_by: UUID | None = None,
) -> Task:
    """A task with its first version and its targets (`accounts`, or a selector).
    `schedule` is the JSON form, by default on demand; `next_run_at` is not worked out
    from it."""
    author = created_by or await some_user_of(session, organization_id)
    schedule = schedule or {"kind": "on_demand", "timezone": timezone}
    shared: dict[str, Any] = {
        "organization_id": organization_id,
        "name": name,
        "version": 1,
        "schedule": schedule,
        "priority": priority,
        "overlap": overlap,
        "misfire_grace_seconds": misfire_grace_seconds,
        "timeout_seconds": timeout_seconds,
    }
    task = Task(
        id=new_id(),
        kind=kind,
        enabled=enabled,
        timezone=timezone,
        next_run_at=next_run_at,
        selector=selector,
        created_by=author,
        **shared,
    )
    session.add(task)
    await session.flush()
    targets: dict[str, Any] = (
        {"account_ids": [str(account.id) for account in accounts]}
        if selector is None
        else {"selector": selector}
    )
    session.add(
        TaskVersion(
            id=new_id(),
            task_id=task.id,
            type=type,
            services=list(services),
            regions=list(regions),
            targets=targets,
            parameters=parameters or {},
            on_error=on_error,
            retry_policy=retry_policy,
            notifications={},
            author_id=author,
            **shared,
        )
    )
    session.add_all(
        TaskTarget(
            organization_id=organization_id,
            task_id=task.id,
            aws_account_id=account.id,
        )
        for account in accounts
    )
    await session.flush()
    return task


def a_task(*accounts: AWSAccount, **changes: Any) -> dict[str, Any]:
    """What a client sends to make a task on these accounts."""
    return {
        "name": "Nightly list",
        "type": "resource_list",
        "services": ["ec2"],
        "regions": ["eu-central-1"],
        "targets": {"account_ids": [str(account.id) for account in accounts]},
        "schedule": {"kind": "daily", "time": "03:00", "timezone": "Europe/Berlin"},
        **changes,
    }


async def some_user_of(session: AsyncSession, organization_id: UUID) -> UUID:
    """The first member of the organization: somebody who could have made a row."""
    found = await session.scalar(
        select(Member.user_id)
        .where(Member.organization_id == organization_id)
        .order_by(Member.id)
        .limit(1)
    )
    assert found is not None, "the organization has no member"
    return found
