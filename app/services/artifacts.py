"""Artifacts: exports of executions kept as files in object storage, made by a job and
deleted when their time is over."""

import gzip
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO
from uuid import UUID

import structlog
from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.aws.bucket import BucketStorage
from app.aws.regions import HOME_REGION
from app.core.actor import Actor
from app.core.db import Database, Login
from app.core.errors import Conflict, NotFound
from app.core.settings import Settings
from app.core.storage import ObjectStorage, StorageAway
from app.integrations.folder import FolderStorage
from app.models.artifact import Artifact, ArtifactStatus
from app.models.run import TaskExecution
from app.schemas.artifacts import ArtifactInput, ArtifactRead
from app.services import audit, credential_opening, exports, idempotency, outbox
from app.services.decisions.status import has_ended
from app.services.executions import must_find
from app.services.paging import Page, Slice, paginate
from app.services.scoping import on_visible_account

log = structlog.get_logger(__name__)

IN_MEMORY = 4 * 1024 * 1024  # bytes of a file while it is made


class ArtifactNotReady(Conflict):
    code = "artifact-not-ready"
    title = "This file is not there"


def storage(settings: Settings) -> ObjectStorage:
    """Where this deployment keeps files: its bucket, or a folder."""
    if settings.artifact_bucket is None:
        return FolderStorage(Path(settings.artifact_directory))
    return BucketStorage(
        credential_opening.platform_session(settings),
        bucket=settings.artifact_bucket,
        region=settings.artifact_bucket_region or HOME_REGION,
        prefix=settings.artifact_prefix,
        kms_key_id=settings.artifact_kms_key_id,
    )


def key_of(artifact: Artifact) -> str:
    """By tenant, so that one tenant's files can be told from another's."""
    return f"{artifact.organization_id}/{artifact.id}.{artifact.format}.gz"


# ── as members see it ────────────────────────────────────────────────────────────


async def request(
    session: AsyncSession,
    actor: Actor,
    execution_id: UUID,
    wanted: ArtifactInput,
    *,
    idempotency_key: str | None = None,
) -> ArtifactRead:
    """Ask for a file of a finished execution, once for each key. Raises NotFound, and
    Conflict for one that is still at work: its file would not be whole."""
    return await idempotency.once_as(
        session,
        actor,
        ArtifactRead,
        partial(_request, session, actor, execution_id, wanted),
        route="artifacts.request",
        key=idempotency_key,
        request=wanted.model_dump(mode="json") | {"execution_id": str(execution_id)},
    )


async def _request(
    session: AsyncSession, actor: Actor, execution_id: UUID, wanted: ArtifactInput
) -> Artifact:
    execution = await must_find(session, actor, execution_id)
    if not has_ended("execution", execution.status):
        raise Conflict("Wait until the execution has ended.")
    artifact = Artifact(
        organization_id=actor.organization_id,
        execution_id=execution_id,
        part=wanted.part,
        format=wanted.format,
        requested_by=actor.user_id,
    )
    session.add(artifact)
    await session.flush()
    await outbox.post(
        session,
        organization_id=actor.organization_id,
        kind=outbox.OutboxKind.ARTIFACT_MAKE,
        subject_id=artifact.id,
    )
    await _log(session, actor, artifact, "artifact.request")
    return artifact


async def page_of(
    session: AsyncSession, actor: Actor, execution_id: UUID, page: Page
) -> Slice[Artifact]:
    """The newest first."""
    execution = await must_find(session, actor, execution_id)
    statement = select(Artifact).where(
        Artifact.organization_id == execution.organization_id,
        Artifact.execution_id == execution.id,
    )
    return await paginate(session, statement, page, by=[Artifact.id])


async def get(session: AsyncSession, actor: Actor, artifact_id: UUID) -> Artifact:
    found = await session.scalar(
        select(Artifact)
        .join(
            TaskExecution,
            (TaskExecution.organization_id == Artifact.organization_id)
            & (TaskExecution.id == Artifact.execution_id),
        )
        .where(
            on_visible_account(
                actor, Artifact.organization_id, TaskExecution.aws_account_id
            ),
            Artifact.id == artifact_id,
        )
    )
    if found is None:
        raise NotFound
    return found


async def open_one(session: AsyncSession, actor: Actor, artifact_id: UUID) -> Artifact:
    """The artifact whose file is to be sent. Raises NotFound, and ArtifactNotReady for
    one that is not made yet, failed, or purged."""
    artifact = await get(session, actor, artifact_id)
    if artifact.status is not ArtifactStatus.READY:
        raise ArtifactNotReady(f"It is {artifact.status}.")
    await _log(session, actor, artifact, "artifact.download")
    return artifact


async def content(kept: ObjectStorage, artifact: Artifact) -> AsyncIterator[bytes]:
    """The file. Its last piece is held back until the whole is seen to be what was
    stored: a broken file never ends as if it were whole."""
    pieces = kept.read(key_of(artifact))
    seen, held = hashlib.sha256(), b""
    while piece := await to_thread.run_sync(next, pieces, b""):
        seen.update(piece)
        if held:
            yield held
        held = piece
    if seen.hexdigest() != artifact.sha256:
        raise StorageAway("The file is not the one that was stored.")
    yield held


async def _log(
    session: AsyncSession, actor: Actor, artifact: Artifact, action: str
) -> None:
    await audit.record(
        session,
        organization_id=actor.organization_id,
        actor=actor.signature,
        action=action,
        subject_type="artifact",
        subject_id=artifact.id,
        detail={"part": artifact.part, "format": artifact.format},
    )


# ── jobs ─────────────────────────────────────────────────────────────────────────


async def make(
    database: Database,
    kept: ObjectStorage,
    organization_id: UUID,
    artifact_id: UUID,
    *,
    keep: timedelta,
    is_last_try: bool,
) -> None:
    """Make the file and store it. Twice is as good as once: its key is its id's."""
    artifact, export = await _wanted(database, organization_id, artifact_id)
    if artifact.status is not ArtifactStatus.PENDING:
        return
    try:
        with SpooledTemporaryFile[bytes](max_size=IN_MEMORY) as file:
            seal, size = await _written(database, artifact, export, file)
            await to_thread.run_sync(kept.put, key_of(artifact), file)
    except StorageAway as away:
        await _failed(database, artifact, str(away), for_good=is_last_try)
        raise
    async with _of_worker(database, organization_id) as session:
        row = await session.get_one(Artifact, artifact_id)
        now = await _now(session)
        row.status, row.error = ArtifactStatus.READY, None
        row.bytes, row.sha256 = size, seal
        row.ready_at, row.expires_at = now, now + keep
        await session.flush()
        await outbox.post(
            session,
            organization_id=organization_id,
            kind=outbox.OutboxKind.ARTIFACT_PURGE,
            subject_id=artifact_id,
            dedupe_key=f"purge:{artifact_id}",
            not_before=row.expires_at,
        )


async def purge(
    database: Database, kept: ObjectStorage, organization_id: UUID, artifact_id: UUID
) -> None:
    """Delete the file, then say so. Again is as good as once."""
    async with _of_worker(database, organization_id) as session:
        artifact = await session.get_one(Artifact, artifact_id)
    if artifact.status is not ArtifactStatus.READY:
        return
    await to_thread.run_sync(kept.delete, key_of(artifact))
    async with _of_worker(database, organization_id) as session:
        row = await session.get_one(Artifact, artifact_id)
        row.status, row.purged_at = ArtifactStatus.PURGED, await _now(session)


async def _wanted(
    database: Database, organization_id: UUID, artifact_id: UUID
) -> tuple[Artifact, exports.Export]:
    async with _of_worker(database, organization_id) as session:
        artifact = await session.get_one(Artifact, artifact_id)
        execution = await session.get_one(TaskExecution, artifact.execution_id)
        return artifact, exports.made_of(execution, artifact.part, artifact.format)


async def _written(
    database: Database, artifact: Artifact, export: exports.Export, file: IO[bytes]
) -> tuple[str, int]:
    """The export, compressed into the file; its SHA-256 and its size in bytes."""
    # Without a time inside, the same content makes the same file.
    with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed:
        async with _of_worker(database, artifact.organization_id) as session:
            async for text in exports.pieces(session, export, artifact.format):
                await to_thread.run_sync(packed.write, text.encode())
    size = file.tell()
    return await to_thread.run_sync(_sealed, file), size


def _sealed(file: IO[bytes]) -> str:
    """Its SHA-256; the file stands at its beginning again."""
    file.seek(0)
    seal = hashlib.sha256()
    for piece in _pieces(file):
        seal.update(piece)
    file.seek(0)
    return seal.hexdigest()


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(256 * 1024):
        yield piece


async def _failed(
    database: Database, artifact: Artifact, error: str, *, for_good: bool
) -> None:
    async with _of_worker(database, artifact.organization_id) as session:
        row = await session.get_one(Artifact, artifact.id)
        row.error = error
        if for_good:
            row.status = ArtifactStatus.FAILED
    log.warning("artifact.not_stored", artifact_id=str(artifact.id), error=error)


def _of_worker(
    database: Database, organization_id: UUID
) -> AbstractAsyncContextManager[AsyncSession]:
    return database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    )


async def _now(session: AsyncSession) -> datetime:
    now: datetime | None = await session.scalar(select(func.app_now()))
    assert now is not None
    return now
