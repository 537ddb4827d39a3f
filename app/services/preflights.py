"""Which actions an account's credentials would be refused, told before a task runs into
it: simulated at each verification, and held against what the tasks need now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.call import Guard
from app.aws.catalog.loader import UnknownOperation, UnknownService
from app.aws.engine import NothingToDo
from app.aws.errors import AWSError, ErrorFacts
from app.aws.regions import HOME_REGION
from app.aws.services.health import UnknownCheck
from app.aws.session import TenantSession
from app.aws.simulation import ACTION, Simulated, principal_of, simulate
from app.aws.sts import Identity
from app.core.actor import Actor
from app.models.aws_account import (
    AWSAccount,
    AWSCredentials,
    CredentialsPurpose,
    CredentialsStatus,
)
from app.models.task import Task
from app.schemas.aws_credentials import (
    MissingAction,
    NeedingTask,
    PreflightOutcome,
    PreflightRead,
)
from app.services import credentials, policies
from app.services.scoping import visible_tasks

WEAKER = (
    "This is IAM's simulation of the identity's own policies: weaker than a real call,"
    " for it knows neither the policies of resources nor conditions."
)


@dataclass(frozen=True, slots=True)
class Preflight:
    """`simulated` is None where IAM did not say, and `error` or `reason` why."""

    simulated: Sequence[Simulated] | None = None
    reason: str | None = None
    error: ErrorFacts | None = None

    def denied(self, among: Iterable[str]) -> list[str]:
        wanted = set(among)
        return [
            one.action
            for one in self.simulated or ()
            if one.decision != "allowed" and one.action in wanted
        ]

    def in_words(
        self, needed: Collection[str], by_default: Collection[str]
    ) -> tuple[PreflightOutcome, str]:
        """The outcome for the tasks of the account, and a sentence for the user."""
        if self.simulated is None:
            hint = f"Allow {ACTION} to be told before a task runs into it."
            return "unknown", f"What it may do is not known. {self.reason} {hint}"
        missing, others = self.denied(needed), self.denied(by_default)
        of_all = WEAKER
        if by_default:
            looked_at = f"Of the {len(by_default)} actions for everything that can be"
            of_all = f"{looked_at} looked at, {len(others)} would be refused. {WEAKER}"
        if missing:
            refused = f"would be refused: {', '.join(missing)}."
            tasks = f"{len(missing)} of the {len(needed)} actions that its tasks need"
            return "failed", f"{tasks} {refused} {of_all}"
        if needed:
            tasks = f"All {len(needed)} actions that its tasks need would be allowed."
            return "passed", f"{tasks} {of_all}"
        return "passed", f"No task needs it yet. {of_all}"

    def as_json(self, now: datetime) -> dict[str, Any]:
        """`denied` holds each refused action; every other of `actions` is allowed."""
        simulated = self.simulated
        return {
            "at": now.isoformat(),
            "reason": self.reason,
            "error": self.error.as_json() if self.error else None,
            "actions": None if simulated is None else [one.action for one in simulated],
            "denied": {
                one.action: {"decision": one.decision, "denied_by": one.denied_by}
                for one in simulated or ()
                if one.decision != "allowed"
            },
        }


async def needed_by_tasks(
    session: AsyncSession, organization_id: UUID, credentials_id: UUID
) -> set[str]:
    """The actions of all tasks on the account of these credentials; none while the
    account is not known."""
    row = (
        await session.execute(
            select(AWSAccount, AWSCredentials.purpose)
            .join(AWSCredentials, AWSCredentials.aws_account_id == AWSAccount.id)
            .where(
                AWSAccount.organization_id == organization_id,
                AWSCredentials.organization_id == organization_id,
                AWSCredentials.id == credentials_id,
            )
        )
    ).one_or_none()
    if row is None:
        return set()
    actions: set[str] = set()
    for _, version in await policies.tasks_on(session, row.AWSAccount, row.purpose):
        actions |= _needed(version) or set()
    return actions


def look(
    session: TenantSession,
    identity: Identity,
    role_arn: str | None,
    actions: Iterable[str],
    *,
    guard: Guard,
) -> Preflight:
    """Ask IAM. Blocks: for a worker thread. What AWS refuses is an answer, too."""
    principal = principal_of(identity, role_arn)
    if principal is None:
        return Preflight(reason="The root user has no policies to simulate.")
    try:
        simulated = simulate(
            session, principal, actions, region=HOME_REGION, guard=guard
        )
    except AWSError as failure:
        return Preflight(
            reason=f"IAM did not say: {failure.facts.code}.", error=failure.facts
        )
    return Preflight(simulated)


# ── as members see it ────────────────────────────────────────────────────────────


async def show(
    session: AsyncSession, actor: Actor, credentials_id: UUID
) -> PreflightRead:
    """What the tasks that the actor sees would be refused. Raises NotFound."""
    row = await credentials.get(session, actor, credentials_id)
    account = await session.get(AWSAccount, row.aws_account_id)
    needed: dict[str, list[Task]] = defaultdict(list)
    for task in await _visible_tasks_on(session, actor, account, row.purpose):
        for action in task[1]:
            needed[action].append(task[0])
    return _read(row.preflight, needed)


async def _visible_tasks_on(
    session: AsyncSession,
    actor: Actor,
    account: AWSAccount | None,
    purpose: CredentialsPurpose,
) -> list[tuple[Task, set[str]]]:
    if account is None:
        return []
    seen = set(
        await session.scalars(
            select(Task.id).where(visible_tasks(actor), Task.deleted_at.is_(None))
        )
    )
    return [
        (task, actions)
        for task, version in await policies.tasks_on(session, account, purpose)
        if task.id in seen and (actions := _needed(version))
    ]


def _needed(version: Any) -> set[str] | None:
    """None for a task that asks for what is no more: its run says so by itself."""
    try:
        return policies.of_version(version)
    except (UnknownService, UnknownOperation, UnknownCheck, NothingToDo):
        return None


def _read(
    stored: Mapping[str, Any] | None, needed: Mapping[str, Sequence[Task]]
) -> PreflightRead:
    said = stored or {"at": None, "reason": "It was not verified since.", "error": None}
    known, denied = said.get("actions"), said.get("denied", {})
    missing = [
        MissingAction(
            action=action,
            decision=denied[action]["decision"],
            denied_by=denied[action]["denied_by"],
            tasks=[NeedingTask(id=task.id, name=task.name) for task in tasks],
        )
        for action, tasks in sorted(needed.items())
        if action in denied
    ]
    unknown = sorted(needed.keys() - set(known or ()))
    outcome: PreflightOutcome = "unknown" if known is None or unknown else "passed"
    return PreflightRead(
        at=said["at"],
        outcome="failed" if missing else outcome,
        reason=said["reason"],
        error=said["error"],
        needed=len(needed),
        missing=missing,
        unknown_actions=unknown,
        note=WEAKER,
    )


async def missing_on(
    session: AsyncSession,
    actor: Actor,
    accounts: Sequence[UUID],
    purpose: CredentialsPurpose,
    actions: Sequence[str],
) -> dict[UUID, tuple[datetime, list[str], list[str]] | None]:
    """By account: when it was simulated, which of the actions would be refused, and of
    which nothing is known. None where there is no simulation."""
    rows = await session.execute(
        select(AWSCredentials.aws_account_id, AWSCredentials.preflight)
        .where(
            AWSCredentials.organization_id == actor.organization_id,
            AWSCredentials.aws_account_id.in_(accounts),
            AWSCredentials.purpose == purpose,
            AWSCredentials.status == CredentialsStatus.VERIFIED,
        )
        # The one verified last is the one that a run would use.
        .order_by(AWSCredentials.verified_at)
    )
    stored: dict[UUID | None, Any] = {row[0]: row[1] for row in rows}
    found: dict[UUID, tuple[datetime, list[str], list[str]] | None] = {}
    for account in accounts:
        said = stored.get(account)
        if said is None or said["actions"] is None:
            found[account] = None
            continue
        known = set(said["actions"])
        found[account] = (
            datetime.fromisoformat(said["at"]),
            [action for action in actions if action in said["denied"]],
            [action for action in actions if action not in known],
        )
    return found
