"""Evidence of an execution: one file of all that was recorded of it, signed, so that
somebody elsewhere can prove it without asking us."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from uuid import UUID

from anyio import to_thread
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.core.errors import Conflict
from app.core.permissions import Permission
from app.core.signing import SigningKeys, fingerprint
from app.core.version import VERSION
from app.models.organization import Organization
from app.models.outbox import OutboxMessage, OutboxStatus
from app.models.run import TaskExecution, TaskRun
from app.models.task import TaskVersion
from app.schemas.artifacts import ArtifactRead
from app.schemas.executions import EventRead, ResultRead
from app.schemas.runs import RunRead
from app.services import artifacts, audit, evidence_chain, executions, task_versions
from app.services.artifacts import IN_MEMORY
from app.services.decisions.coverage import NO_UNIT
from app.services.decisions.evidence_form import (
    FORM,
    MOST_BYTES,
    Signature,
    line,
    signed_message,
)
from app.services.decisions.status import has_ended
from app.services.evidence_chain import Concern, EvidenceTooLarge
from app.services.paging import Page, Slice

ROWS_AT_ONCE = 500


class EvidenceNotReady(Conflict):
    code = "evidence-not-ready"
    title = "There is no whole evidence of this execution yet"


class NoSigningKey(Conflict):
    code = "no-signing-key"
    title = "This deployment has no key to sign evidence with"


class _Bundle:
    """The file while it is made: what it hashes to, and what is in it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.counts: dict[str, int] = {}
        self.size = 0
        self._file = file
        self._hash = hashlib.sha256()

    async def add(self, kind: str, *records: BaseModel | Mapping[str, Any]) -> None:
        texts = [
            line(
                kind, one.model_dump(mode="json") if isinstance(one, BaseModel) else one
            )
            for one in records
        ]
        self.counts[kind] = self.counts.get(kind, 0) + len(texts)
        await self._write(b"".join(texts))

    async def add_line(self, text: bytes) -> None:
        self.counts["chain"] = self.counts.get("chain", 0) + 1
        await self._write(text)

    async def end(self, keys: SigningKeys) -> bytes:
        """Sign it; the hash of what is signed."""
        await self._write(line("end", {"counts": self.counts}))
        seal = self._hash.digest()
        signature = Signature(keys.public_key, seal, keys.sign(signed_message(seal)))
        await self._write(signature.line)
        return seal

    async def _write(self, text: bytes) -> None:
        self.size += len(text)
        if self.size > MOST_BYTES:
            raise EvidenceTooLarge(f"{MOST_BYTES} bytes are the most.")
        self._hash.update(text)
        await to_thread.run_sync(self._file.write, text)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A whole bundle; whoever has it closes the file."""

    name: str
    size: int
    file: IO[bytes]

    def pieces(self) -> Iterator[bytes]:
        with self.file:
            while piece := self.file.read(256 * 1024):
                yield piece


async def make(
    session: AsyncSession, actor: Actor, keys: SigningKeys | None, execution_id: UUID
) -> Evidence:
    """The bundle of an execution that has ended. What it hashes to goes into the audit
    log, and so into the chain: that it was there on that day is provable later. Raises
    NotFound, and Conflict where there cannot be one."""
    actor.must(Permission.EXPORT_EVIDENCE)
    execution = await executions.must_find(session, actor, execution_id)
    await _refuse_unfinished(session, execution)
    if keys is None:
        raise NoSigningKey("Set EVIDENCE_SIGNING_KEY, as `make dev-up` does.")
    file: IO[bytes] = SpooledTemporaryFile[bytes](max_size=IN_MEMORY)
    try:
        bundle = _Bundle(file)
        await _fill(session, actor, execution, bundle)
        seal = await bundle.end(keys)
        await audit.record(
            session,
            organization_id=actor.organization_id,
            actor=actor.signature,
            action="execution.evidence",
            subject_type="execution",
            subject_id=execution_id,
            detail={"sha256": seal.hex(), "bytes": bundle.size},
        )
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Evidence(f"evidence-{execution_id}.jsonl", bundle.size, file)


async def _refuse_unfinished(session: AsyncSession, execution: TaskExecution) -> None:
    if not has_ended("execution", execution.status):
        raise EvidenceNotReady("Wait until the execution has ended.")
    settles = await session.scalar(
        select(OutboxMessage.id).where(
            OutboxMessage.organization_id == execution.organization_id,
            OutboxMessage.dedupe_key == f"settle:{execution.id}",
            OutboxMessage.status == OutboxStatus.PENDING,
        )
    )
    if settles is not None:
        raise EvidenceNotReady("Wait until its units and result are written down.")


async def _fill(
    session: AsyncSession, actor: Actor, execution: TaskExecution, bundle: _Bundle
) -> None:
    run, version = await _run_of(session, execution)
    shown = await executions.get(session, actor, execution.id)
    result = await executions.result_of(session, actor, execution.id)
    await bundle.add("bundle", await _heading(session, actor, execution))
    await bundle.add(
        "task_version", await task_versions.describe(session, actor, version)
    )
    await bundle.add("run", RunRead.model_validate(run))
    await bundle.add("execution", shown)
    await bundle.add("result", result)
    subjects = {execution.id, run.id}
    of = (session, actor, execution.id)
    async for units in _pages(partial(executions.units_of, *of)):
        await bundle.add("unit", *units)
    _refuse_missing_units(result, bundle.counts["unit"])
    async for events in _pages(partial(executions.events_of, *of)):
        await bundle.add("event", *map(EventRead.model_validate, events))
    async for files in _pages(partial(artifacts.page_of, *of)):
        await bundle.add("artifact", *map(ArtifactRead.model_validate, files))
        subjects |= {file.id for file in files}
    concern = Concern(
        organization_id=execution.organization_id,
        subjects=frozenset(subjects),
        task_id=execution.task_id,
        version=version.version,
        run_id=run.id,
    )
    async for text in evidence_chain.lines(session, concern):
        await bundle.add_line(text)


def _refuse_missing_units(result: ResultRead, found: int) -> None:
    """Units could be deleted, their time being over, while they are read."""
    if result.coverage is None:
        return
    lists = (result.coverage.read, result.coverage.not_read)
    covered = [*lists[0], *lists[1], *result.coverage.not_applicable]
    if sum(one.key != NO_UNIT for one in covered) != found:
        raise EvidenceNotReady("Its units are not those that its result covers.")


async def _run_of(
    session: AsyncSession, execution: TaskExecution
) -> tuple[TaskRun, TaskVersion]:
    found = await session.execute(
        select(TaskRun, TaskVersion)
        .join(
            TaskVersion,
            (TaskVersion.organization_id == TaskRun.organization_id)
            & (TaskVersion.id == TaskRun.task_version_id),
        )
        .where(
            TaskRun.organization_id == execution.organization_id,
            TaskRun.id == execution.run_id,
        )
    )
    run, version = found.one()
    return run, version


async def _heading(
    session: AsyncSession, actor: Actor, execution: TaskExecution
) -> dict[str, Any]:
    name, now = (
        await session.execute(
            select(Organization.name, func.app_now()).where(
                Organization.id == actor.organization_id
            )
        )
    ).one()
    made_at: datetime = now
    return {
        "form": FORM,
        "execution_id": str(execution.id),
        "organization_id": str(actor.organization_id),
        "organization_name": name,
        "asked_by": actor.signature,
        "made_at": made_at.isoformat(),
        "product": "Cloudrota",
        "version": VERSION,
    }


async def _pages(
    page_of: Callable[[Page], Awaitable[Slice[Any]]],
) -> AsyncIterator[list[Any]]:
    cursor: str | None = None
    while True:
        found = await page_of(Page(ROWS_AT_ONCE, cursor))
        yield list(found.items)
        if found.next_cursor is None:
            return
        cursor = found.next_cursor


def listed(keys: SigningKeys | None) -> list[dict[str, str]]:
    """The public keys, the one that signs first."""
    if keys is None:
        return []
    retired = [key for key in keys.retired if key != keys.public_key]
    return [
        {
            "fingerprint": fingerprint(key),
            "public_key": key.hex(),
            "status": "active" if key == keys.public_key else "retired",
        }
        for key in (keys.public_key, *retired)
    ]
