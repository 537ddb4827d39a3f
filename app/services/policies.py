"""The IAM policies that a choice of work needs: least privilege, read from the
catalog."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws import simulation
from app.aws.catalog.loader import UnknownOperation, UnknownService, catalog
from app.aws.engine import NothingToDo, unknown_actions_of
from app.aws.policy import TooManyActions, policy_for
from app.aws.regions import ACTIONS as REGION_ACTIONS
from app.aws.regions import HOME_REGION
from app.aws.services.health import UnknownCheck, checks_of
from app.aws.unit import GLOBAL, Unit
from app.core.actor import Actor
from app.core.errors import AccountUnknown, Conflict, FieldError, Invalid, NotFound
from app.models.aws_account import AWSAccount, AWSCredentials, CredentialsPurpose
from app.models.task import ActionKind, Task, TaskTarget, TaskType, TaskVersion
from app.schemas.policies import Policies, PolicyPreviewInput
from app.schemas.tasks import OFFERED
from app.services import audit
from app.services.decisions.labels import matches
from app.services.task_types import task_type

_TASKS_OF = {
    CredentialsPurpose.READ: ActionKind.READ,
    CredentialsPurpose.WRITE: ActionKind.MUTATE,
}


def of_catalog() -> Policies:
    """For everything a task can do without naming single operations."""
    actions = {simulation.ACTION}  # so that what is missing is told beforehand
    for service in catalog().services.values():
        if service.default_operations() or checks_of(service.name):
            actions |= _of_service(service.name, OFFERED, ())
    return _policies(actions)


def preview(entry: PolicyPreviewInput) -> Policies:
    """For tasks of these types over these services. Raises Invalid with the fields."""
    actions: set[str] = set()
    wrong = _operations_of_no_service(entry)
    for index, service in enumerate(entry.services):
        named = [key for key in entry.operations if key.startswith(f"{service}:")]
        try:
            actions |= _of_service(service, entry.types, named)
        except UnknownOperation as error:
            pointer = f"/operations/{entry.operations.index(error.key)}"
            wrong.append(FieldError(pointer, "unknown_operation", str(error)))
        except UnknownService as error:
            wrong.append(FieldError(f"/services/{index}", "unknown", str(error)))
        except NothingToDo as error:
            wrong.append(FieldError(f"/services/{index}", "nothing_to_do", str(error)))
    if wrong:
        raise Invalid("Look at services and operations.", fields=tuple(wrong))
    try:
        return _policies(actions, unknown=_unknown(entry.operations))
    except TooManyActions as error:
        raise Invalid.field("/services", "too_many_actions", str(error)) from error


def _operations_of_no_service(entry: PolicyPreviewInput) -> list[FieldError]:
    return [
        FieldError(f"/operations/{index}", "foreign", f"{key} is of no chosen service")
        for index, key in enumerate(entry.operations)
        if key.partition(":")[0] not in entry.services
    ]


def _of_service(
    service: str, types: Sequence[TaskType], operations: Sequence[str]
) -> set[str]:
    """The actions of all these types; NothingToDo if none of them has any there."""
    actions: set[str] = set()
    for type in types:
        is_list = type is TaskType.RESOURCE_LIST
        parameters = {"operations": operations} if is_list else {}
        try:
            actions |= _actions(type, [service], parameters)
        except NothingToDo:
            # Fine as long as another type has something to do there.
            if type is types[-1] and not actions:
                raise
    return actions


def _actions(
    type: TaskType, services: Sequence[str], parameters: Mapping[str, Any]
) -> set[str]:
    declared = task_type(type)
    # They are the same in every region.
    units = declared.plan(services, [HOME_REGION], parameters)
    # Of what is regional, it is asked first whether the account has the region.
    asks_first = any(unit.region != GLOBAL for unit in units)
    return {*declared.actions(units), *(REGION_ACTIONS if asks_first else ())}


def _policies(actions: Iterable[str], unknown: Iterable[str] = ()) -> Policies:
    needed = sorted(actions)
    return Policies(
        actions=needed,
        unknown_actions_of=sorted(set(unknown)),
        preflight_actions=sorted({simulation.ACTION}.difference(needed)),
        policies=policy_for(needed) if needed else [],
    )


def _unknown(operations: Iterable[str]) -> Iterator[str]:
    """Those of which nobody knows the action. They run only when named."""
    for key in operations:
        yield from unknown_actions_of(Unit("list", key.partition(":")[0], "", key))


async def of_credentials(
    session: AsyncSession, actor: Actor, credentials: AWSCredentials
) -> Policies:
    """For exactly the tasks on the account of these credentials, enabled or not: those
    that read for a read credential, those that change for a write credential."""
    if credentials.aws_account_id is None:
        raise AccountUnknown("Wait until the key is verified.")
    actions: set[str] = set()
    unknown: set[str] = set()
    account = await session.scalar(
        select(AWSAccount).where(
            AWSAccount.organization_id == actor.organization_id,
            AWSAccount.id == credentials.aws_account_id,
        )
    )
    if account is None:
        raise NotFound
    for _, version in await tasks_on(session, account, credentials.purpose):
        try:
            actions |= of_version(version)
            unknown |= set(_unknown(version.parameters.get("operations") or ()))
        except _NO_MORE as error:
            raise Conflict(
                f"A task on this account asks for what is no more: {error}. Correct it."
            ) from error
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action="aws_credentials.policy_downloaded",
        subject_type="aws_credentials",
        subject_id=credentials.id,
    )
    try:
        return _policies(actions, unknown)
    except TooManyActions as error:
        raise Conflict(f"{error}. Let fewer tasks look at this account.") from error


_NO_MORE = (UnknownService, UnknownOperation, UnknownCheck, NothingToDo)


def of_version(version: TaskVersion) -> set[str]:
    """The actions that a version of a task needs on an account. Raises UnknownService,
    UnknownOperation, UnknownCheck or NothingToDo for what the catalog has no more."""
    return _actions(version.type, version.services, version.parameters)


async def tasks_on(
    session: AsyncSession, account: AWSAccount, purpose: CredentialsPurpose
) -> list[tuple[Task, TaskVersion]]:
    """The tasks that name the account or select its labels, and need credentials of
    this purpose, with their current versions; in the order of their making."""
    named = exists().where(
        TaskTarget.organization_id == Task.organization_id,
        TaskTarget.task_id == Task.id,
        TaskTarget.aws_account_id == account.id,
    )
    statement = (
        select(Task, TaskVersion)
        .join(
            TaskVersion,
            and_(
                TaskVersion.organization_id == Task.organization_id,
                TaskVersion.task_id == Task.id,
                TaskVersion.version == Task.version,
            ),
        )
        .where(
            Task.organization_id == account.organization_id,
            Task.deleted_at.is_(None),
            Task.kind == _TASKS_OF[purpose],
            or_(named, Task.selector.is_not(None)),
        )
        .order_by(Task.id)
    )
    return [
        (task, version)
        for task, version in await session.execute(statement)
        if task.selector is None or matches(task.selector, account.labels)
    ]
