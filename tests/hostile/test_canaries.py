"""A secret that AWS tells us is kept nowhere and shown nowhere: planted in every member
that may carry one and in every tag, it is looked for in all that is stored, logged and
answered."""

import gzip
from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from botocore.model import OperationModel
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.aws.catalog.loader import catalog
from app.aws.secret_members import BY_SERVICE
from app.aws.services.health import checks
from app.core.db import Database
from app.core.settings import Settings
from app.integrations.folder import FolderStorage
from app.models.inventory import Resource, ResourceVersion, ScopeRead
from app.models.problem import Problem
from app.models.run import Status, TaskExecution, UnitStatus
from app.models.task import Task
from app.services import artifacts
from tests.aws.canaries import planted
from tests.aws.faults import Refused
from tests.conftest import Client
from tests.hostile.database import columns, hits, hits_in_valkey
from tests.personae import People
from tests.truth import ground
from tests.truth.drills import Drill, Injection, Place
from tests.truth.rehearsals import companies
from tests.truth.stage import Scene, Stage

CANARY = "canary-7f3a91"
SEEN = "seen-7f3a91"
MOVED = "moved-7f3a91"
OF_A_SERVICE = 3  # listings, and as many checks
SHOWN = 5  # of each kind of row, by every route that shows one


@pytest.fixture
async def stage(configured: Settings, people: People) -> AsyncIterator[Stage]:
    async with ground.stage(configured, people.alice.organization_id) as stage:
        stage.fake.dress = dress
        stage.fake.hold_still = True
        yield stage


def dress(model: OperationModel, answer: dict[str, Any]) -> dict[str, Any]:
    """Secrets become the canary; descriptions, which are none, can be found again."""
    service = model.service_model.service_name
    if service == "sts" or model.output_shape is None:
        return answer
    said = {"service": service, "operation": model.name}
    marked: dict[str, Any] = _marked(
        planted(answer, model.output_shape, CANARY, **said)
    )
    return marked


def _marked(value: Any, mark: str = SEEN) -> Any:
    if isinstance(value, dict):
        return {
            name: mark
            if name == "Description" and isinstance(one, str)
            else _marked(one, mark)
            for name, one in value.items()
        }
    return [_marked(one, mark) for one in value] if isinstance(value, list) else value


def drills() -> list[Drill]:
    """Some listings and checks of each service that is known to tell secrets."""
    found = []
    for service in sorted(BY_SERVICE):
        listings = catalog().service(service).default_operations()[:OF_A_SERVICE]
        found += [Drill("list", one.key, is_curated=False) for one in listings]
        keys = [key for key, one in checks().items() if one.service == service]
        found += [Drill("health", key, is_curated=True) for key in keys[:OF_A_SERVICE]]
    return found


async def play(stage: Stage) -> int:
    """Read all of it; how many units were read."""
    read = 0
    for company in companies(drills()):
        scene = Scene(company, [company[0].regions[0]])
        played = await stage.play(stage.lanes[0], scene)
        ends = [one.status for one in played.units.values()]
        read += ends.count(UnitStatus.SUCCEEDED)
    return read


async def deny(stage: Stage) -> None:
    """A failure whose words quote the session they came with."""
    drill = Drill("list", "sns:ListTopics", is_curated=False)
    region = drill.regions[0]
    quoted = f"Bad signature. X-Amz-Security-Token={CANARY}& password={CANARY}"
    fault = Refused("SignatureDoesNotMatch", 403, quoted)
    place = Place("sns", "ListTopics", 0)
    plan = {(drill.key, region): Injection(place, fault, "AWSAuthenticationError")}
    played = await stage.play(stage.lanes[0], Scene([drill], [region], plan))
    assert played.status == Status.FAILED


async def test_a_secret_of_aws_is_kept_and_shown_nowhere(
    stage: Stage,
    configured: Settings,
    owner: AsyncSession,
    app: FastAPI,
    client: Client,
    people: People,
    logged: StringIO,
    database: Database,
) -> None:
    assert await play(stage) > 80
    await deny(stage)
    assert await hits(owner, CANARY) == {}
    assert await hits_in_valkey(configured, CANARY) == []
    assert CANARY not in logged.getvalue()
    # What is no secret is found by the same look.
    assert (await hits(owner, SEEN)).keys() >= {"resource_versions.document"}
    answers = await shown(app, client(people.alice), owner)
    assert len(answers) > 30
    assert [route for route, answer in answers if CANARY in answer] == []
    assert any(SEEN in answer for _, answer in answers)
    compared = await compared_later(stage, client(people.alice), owner)
    assert [text for text in compared if CANARY in text] == []
    assert any(MOVED in text for text in compared)
    files = await kept(client(people.alice), owner, database, configured)
    assert [name for name, text in files if CANARY in text] == []
    # Documents are told in JSON only.
    assert {name for name, text in files if SEEN in text} == {"resources.json"}


async def compared_later(stage: Stage, alice: Any, owner: AsyncSession) -> list[str]:
    """How the same listings differ once other secrets and descriptions are told."""
    stage.fake.dress = lambda model, answer: _marked(dress(model, answer), MOVED)
    before = set(await owner.scalars(select(ScopeRead.execution_id)))
    assert await play(stage) > 80
    first, later = aliased(ScopeRead), aliased(ScopeRead)
    pairs = (
        select(first.execution_id, later.execution_id)
        .join(later, later.scope_id == first.scope_id)
        .where(first.execution_id.in_(before), later.execution_id.not_in(before))
        .distinct()
    )
    return [
        (
            await alice.get(
                f"/api/v1/executions/{new}/diff", params={"against": str(old)}
            )
        ).text
        for old, new in (await owner.execute(pairs)).all()
    ]


async def kept(
    alice: Any, owner: AsyncSession, database: Database, configured: Settings
) -> list[tuple[str, str]]:
    """The files of executions that found something, as they are downloaded."""
    folder = FolderStorage(Path(configured.artifact_directory))
    described = ResourceVersion.document["Description"].astext == SEEN
    found = (
        select(ScopeRead.execution_id, ScopeRead.organization_id)
        .join(ResourceVersion, ResourceVersion.from_read == ScopeRead.id)
        .where(described)
        .distinct()
        .limit(SHOWN)
    )
    files = []
    for execution_id, tenant in (await owner.execute(found)).all():
        for part, form in product(("resources", "findings"), ("csv", "json")):
            wanted = {"part": part, "format": form}
            path = f"/api/v1/executions/{execution_id}/artifacts"
            asked = await alice.post(path, json=wanted)
            assert asked.status_code == 202, asked.text
            id, keep = UUID(asked.json()["id"]), timedelta(days=1)
            await artifacts.make(
                database, folder, tenant, id, keep=keep, is_last_try=False
            )
            answer = await alice.get(f"/api/v1/artifacts/{id}/content")
            text = gzip.decompress(answer.content).decode()
            files.append((f"{part}.{form}", text))
    return files


async def shown(app: FastAPI, alice: Any, owner: AsyncSession) -> list[tuple[str, str]]:
    """What every route answers that shows what was found, with some rows of each."""
    ids = {
        noun: list(await owner.scalars(select(model.id).limit(SHOWN)))
        for noun, model in NOUNS.items()
    }
    described = ResourceVersion.document["Description"].astext == SEEN
    ids["resources"] += await owner.scalars(
        select(ResourceVersion.resource_id).where(described).limit(SHOWN)
    )
    answers = []
    for path, methods in app.openapi()["paths"].items():
        noun = path.removeprefix("/api/v1/").partition("/")[0]
        is_of_finds = noun in {*NOUNS, "health", "exports"}
        if "get" not in methods or path.count("{") > 1 or not is_of_finds:
            continue
        for id in ids.get(noun, []) if "{" in path else [UUID(int=0)]:
            route = path.replace("{id}", str(id))
            against = {"against": str(ids["executions"][0])}
            answer = await alice.get(route, params=against if "diff" in path else None)
            assert answer.status_code < 500, route
            answers.append((route, answer.text))
    return answers


NOUNS: dict[str, Any] = {
    "executions": TaskExecution,
    "problems": Problem,
    "resources": Resource,
    "tasks": Task,
}


async def test_the_look_goes_into_every_table(owner: AsyncSession) -> None:
    tables = {table for _, table, _ in await columns(owner)}
    assert tables >= {"resource_versions", "findings", "execution_units", "outbox"}
    assert await hits(owner, "no such text anywhere") == {}
