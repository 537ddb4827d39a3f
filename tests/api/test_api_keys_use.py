"""What an API key is good for, at each request: from where, how long, for whom; and
that its secret is nowhere."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import api_keys
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.run import TaskRun
from app.models.task import Task, TaskVersion
from tests.api.test_api_keys import PATH, bearing, labels_seen, make
from tests.builders import make_account, make_task
from tests.conftest import Client
from tests.hostile.database import hits, hits_in_valkey
from tests.personae import People

MoveClock = Callable[[str], Awaitable[None]]
TASKS = "/api/v1/tasks"
EVERYTHING = ["tasks.read", "tasks.edit", "tasks.execute", "accounts.edit"]


@pytest.fixture
def alice(client: Client, people: People) -> AsyncClient:
    return client(people.alice)


async def key_of(client: Client, person: AsyncClient, **changes: Any) -> AsyncClient:
    return bearing(client, (await make(person, **changes))["key"])


async def change(owner: AsyncSession, statement: str, **values: Any) -> None:
    await owner.execute(text(statement), values)
    await owner.commit()


# ── refused ──────────────────────────────────────────────────────────────────────────

OVER = {
    "revoked": "UPDATE api_keys SET revoked_at = app_now()",
    "expired": "UPDATE api_keys SET expires_at = app_now()",
    "its member removed": "UPDATE members SET removed_at = app_now()",
    "its member's time over": "UPDATE members SET expires_at = app_now()",
    "its user disabled": "UPDATE users SET disabled_at = app_now()",
    "the organization deleted": "UPDATE organizations SET deleted_at = app_now()",
    "limited to elsewhere": (
        """UPDATE api_keys SET allowed_addresses = '["10.0.0.1"]'"""
    ),
}


def said(answer: Response) -> tuple[object, ...]:
    headers = dict(answer.headers)
    headers.pop("x-request-id")
    return answer.status_code, answer.content, tuple(sorted(headers.items()))


@pytest.mark.parametrize("why", OVER)
async def test_whatever_is_wrong_the_answer_is_the_same(
    client: Client, alice: AsyncClient, owner: AsyncSession, why: str
) -> None:
    """At the next request; and as to who made up a key."""
    key = await key_of(client, alice)
    assert (await key.get(TASKS)).status_code == 200
    await change(owner, OVER[why])
    refused = said(await key.get(TASKS))
    assert refused[0] == 401
    # A person's own routes say no more: neither that the key was one.
    assert (await key.get("/api/v1/auth/sessions")).status_code == 401
    assert (await key.post("/api/v1/auth/logout-everywhere")).status_code == 401
    unknown = api_keys.make().text
    assert said(await bearing(client, unknown).get(TASKS)) == refused


async def test_a_made_up_or_mistyped_one_is_answered_the_same(
    client: Client, alice: AsyncClient
) -> None:
    made = await make(alice)
    text, other = made["key"], api_keys.make().text
    wrong = [
        made["prefix"] + other.removeprefix(api_keys.prefix_of(other) or ""),
        text[:-1],
        text + "0",
        text[:-1] + ("0" if text[-1] != "0" else "1"),
        made["prefix"] + text.removeprefix(made["prefix"]).swapcase(),
        made["prefix"],
        "cr_live_",
        "cr_live_ünlaut",
        "cr_" + "x" * 10_000,
    ]
    forged = api_keys.prefix_of(wrong[0])
    assert forged is None, "its checksum is another's"
    answers = set()
    for one in wrong:
        headers = {b"Authorization": f"Bearer {one}".encode()}
        answers.add(said(await client(None).get(TASKS, headers=headers)))
    unknown = api_keys.make().text
    answers.add(said(await bearing(client, unknown).get(TASKS)))
    assert len(answers) == 1
    assert {answer[0] for answer in answers} == {401}


async def test_the_right_name_with_another_secret_is_refused(
    client: Client, alice: AsyncClient, owner: AsyncSession
) -> None:
    """With a checksum that is right: only the hash tells."""
    theirs, forged = await make(alice), api_keys.make()
    await change(owner, "UPDATE api_keys SET prefix = :it", it=forged.prefix)
    answer = await bearing(client, forged.text).get(TASKS)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-token")
    await change(owner, "UPDATE api_keys SET prefix = :it", it=theirs["prefix"])
    assert (await bearing(client, theirs["key"]).get(TASKS)).status_code == 200


async def test_expires_when_its_time_is_over(
    client: Client, alice: AsyncClient, move_clock: MoveClock
) -> None:
    key = await key_of(client, alice, expires_at="2099-01-01T00:00:00Z")
    assert (await key.get(TASKS)).status_code == 200
    await move_clock("100 years")
    assert (await key.get(TASKS)).status_code == 401


async def test_is_good_no_more_once_it_was_revoked(
    client: Client, alice: AsyncClient
) -> None:
    made = await make(alice)
    key = bearing(client, made["key"])
    assert (await key.get(TASKS)).status_code == 200
    assert (await alice.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert (await key.get(TASKS)).status_code == 401


# ── from where ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("address", "is_in"),
    [
        ("192.0.2.7", True),
        ("192.0.3.1", False),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::5", True),
        ("2001:db9::5", False),
        ("::ffff:192.0.3.1", False),
        ("fe80::1%eth0", False),
        ("unknown", False),
        (None, False),
    ],
)
async def test_is_good_from_its_addresses_alone(
    app: FastAPI, alice: AsyncClient, address: str | None, is_in: bool
) -> None:
    networks = ["192.0.2.0/24", "2001:db8::/32"]
    made = await make(alice, allowed_addresses=networks)
    where: Any = None if address is None else (address, 4711)
    async with AsyncClient(
        transport=ASGITransport(app, client=where),
        base_url="http://127.0.0.1:8000",
        headers={"Authorization": f"Bearer {made['key']}"},
    ) as key:
        answer = await key.get(TASKS)
    assert answer.status_code == (200 if is_in else 401)
    shown = (await alice.get(f"{PATH}/{made['id']}")).json()
    assert (shown["last_used_at"] is not None) == is_in


# ── for whom ─────────────────────────────────────────────────────────────────────────


async def test_a_personal_key_follows_its_members_role_and_labels(
    client: Client, people: People, owner: AsyncSession
) -> None:
    olga = client(people.olga)
    scopes = ["accounts.read", "tasks.read", "tasks.edit"]
    key = await key_of(client, olga, scopes=scopes)
    for number, label in ((1, "north"), (2, "south")):
        await make_account(
            owner,
            people.olga.organization_id,
            account_id=f"{number:012}",
            labels={"client": label},
            credentials=None,
        )
    await owner.commit()
    whose = {"user": people.olga.user_id}
    assert await labels_seen(key) == ["north", "south"]
    assert (await key.post(TASKS, json={})).status_code == 422
    await change(
        owner,
        """UPDATE members SET label_scope = '{"client": ["north"]}'
        WHERE user_id = :user""",
        **whose,
    )
    assert await labels_seen(key) == ["north"]
    await change(
        owner, "UPDATE members SET role = 'viewer' WHERE user_id = :user", **whose
    )
    refused = await key.post(TASKS, json={})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert await labels_seen(key) == ["north"]


async def test_a_service_key_outlives_its_maker(
    client: Client, people: People, owner: AsyncSession
) -> None:
    adam = client(people.adam)
    personal, service = (
        await key_of(client, adam),
        await key_of(client, adam, kind="service"),
    )
    await change(
        owner,
        "UPDATE members SET removed_at = app_now() WHERE user_id = :user",
        user=people.adam.user_id,
    )
    await change(owner, "UPDATE users SET disabled_at = app_now() WHERE name = 'Adam'")
    assert (await personal.get(TASKS)).status_code == 401
    assert (await service.get(TASKS)).status_code == 200
    states = {
        one["kind"]: one["state"]
        for one in (await client(people.alice).get(PATH)).json()["items"]
    }
    assert states == {"personal": "member_gone", "service": "active"}


async def test_who_returns_gets_no_old_key_back(
    client: Client, people: People, owner: AsyncSession
) -> None:
    """A new membership is another one."""
    key = await key_of(client, client(people.olga))
    await change(
        owner,
        "UPDATE members SET removed_at = app_now() WHERE user_id = :user",
        user=people.olga.user_id,
    )
    await change(
        owner,
        "INSERT INTO members (id, organization_id, user_id, role)"
        " SELECT gen_random_uuid(), organization_id, user_id, role FROM members"
        " WHERE user_id = :user",
        user=people.olga.user_id,
    )
    assert (await client(people.olga).get(TASKS)).status_code == 200
    assert (await key.get(TASKS)).status_code == 401


@pytest.mark.parametrize("kind", ["personal", "service"])
async def test_what_is_a_persons_own_is_no_keys(
    client: Client, alice: AsyncClient, kind: str
) -> None:
    scopes = ["organization.read"]
    key = await key_of(client, alice, kind=kind, scopes=scopes)
    assert (await key.get("/api/v1/organization")).status_code == 200
    for method, path, body in (
        ("GET", "/api/v1/auth/me", None),
        ("GET", "/api/v1/auth/sessions", None),
        ("POST", "/api/v1/auth/logout-everywhere", None),
    ):
        answer = await key.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "person-needed")


# ── last used ────────────────────────────────────────────────────────────────────────


async def test_its_use_is_noted_once_a_minute_and_reading_stays_reading(
    client: Client, alice: AsyncClient, owner: AsyncSession, move_clock: MoveClock
) -> None:
    made, other = await make(alice), await make(alice)
    key = bearing(client, made["key"])

    async def row(of: str = made["id"]) -> tuple[Any, ...]:
        noted = text("SELECT last_used_at, xmin FROM api_keys WHERE id = :id")
        return tuple((await owner.execute(noted, {"id": of})).one())

    assert (await row())[0] is None
    assert (await key.get(f"{TASKS}/{made['id']}")).status_code == 404
    noted = await row()
    assert noted[0] is not None, "also where the answer is an error"
    for _ in range(3):
        assert (await key.get(TASKS)).status_code == 200
    assert await row() == noted
    await move_clock("61 seconds")
    assert (await key.get(TASKS)).status_code == 200
    assert (await row())[0] > noted[0]
    assert (await row(other["id"]))[0] is None, "the use of one is not the other's"


# ── who did it ───────────────────────────────────────────────────────────────────────


async def test_what_a_service_key_does_is_signed_with_the_key(
    client: Client, people: People, alice: AsyncClient, owner: AsyncSession
) -> None:
    """It has no user: what it makes names none, and the log names the key."""
    account = await make_account(owner, people.alice.organization_id)
    task = await make_task(owner, account.organization_id, accounts=(account,))
    await owner.commit()
    made = await make(alice, kind="service", name="night shift", scopes=EVERYTHING)
    key = bearing(client, made["key"])
    definition = (await alice.get(f"{TASKS}/{task.id}")).json()
    body = {name: definition[name] for name in ("type", "services", "regions")}
    body |= {"name": "by key", "targets": {"account_ids": [str(account.id)]}}
    body |= {"schedule": {"kind": "on_demand"}}
    answer = await key.post(TASKS, json=body)
    assert answer.status_code == 201, answer.text
    by_key = UUID(answer.json()["id"])
    started = await key.post(f"{TASKS}/{task.id}/execute")
    assert started.status_code == 202, started.text
    exclusion = {"exclusions": [{"service": "ec2", "reason": "old"}]}
    path = f"/api/v1/aws-accounts/{account.id}"
    excluded = await key.patch(path, json=exclusion)
    assert excluded.status_code == 200, excluded.text
    assert excluded.json()["exclusions"][0]["by"] == "night shift"

    events = await owner.scalars(
        select(AuditEvent).where(AuditEvent.actor.like("key:%"))
    )
    assert {(event.actor, event.action) for event in events} == {
        (f"key:{made['id']}", "task.create"),
        (f"key:{made['id']}", "task.execute"),
        (f"key:{made['id']}", "aws_account.updated"),
    }
    found = await owner.get_one(Task, by_key)
    assert found.created_by is None
    version = select(TaskVersion).where(TaskVersion.task_id == by_key)
    assert (await owner.scalars(version)).one().author_id is None
    run = await owner.get_one(TaskRun, UUID(started.json()["run_id"]))
    assert run.started_by is None
    why = await alice.get(
        f"/api/v1/executions/{started.json()['executions'][0]}/explanation"
    )
    assert "The API key night shift started the task by hand." in why.text


async def test_a_personal_key_is_its_members_and_signs_for_itself(
    client: Client, people: People, owner: AsyncSession
) -> None:
    account = await make_account(owner, people.olga.organization_id)
    task = await make_task(owner, account.organization_id, accounts=(account,))
    await owner.commit()
    made = await make(client(people.olga), scopes=["tasks.execute"])
    started = await bearing(client, made["key"]).post(f"{TASKS}/{task.id}/execute")
    run = await owner.get_one(TaskRun, UUID(started.json()["run_id"]))
    assert run.started_by == people.olga.user_id
    of_run = select(AuditEvent.actor).where(AuditEvent.action == "task.execute")
    assert (await owner.scalars(of_run)).one() == f"key:{made['id']}"


# ── the secret ───────────────────────────────────────────────────────────────────────


async def test_the_secret_is_nowhere(
    client: Client,
    alice: AsyncClient,
    owner: AsyncSession,
    configured: Settings,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Not in the database, the repeat's row, the log or the queue, whatever is done."""
    headers = {"Idempotency-Key": "once"}
    body = {"name": "canary", "kind": "service", "scopes": EVERYTHING}
    made = (await alice.post(PATH, json=body, headers=headers)).json()
    again = (await alice.post(PATH, json=body, headers=headers)).text
    key = bearing(client, made["key"])
    heard = [
        (await key.get(TASKS)).text,
        (await key.post(TASKS, json={"name": made["key"]})).text,
        (await key.get("/api/v1/auth/me")).text,
        (await alice.get(PATH)).text,
        again,
    ]
    secret = made["key"].removeprefix(made["prefix"] + "_")
    assert [one for one in heard[2:] if secret in one] == []
    assert await hits(owner, secret) == {}
    assert await hits(owner, made["prefix"]) != {}, "the search finds what is there"
    assert await hits_in_valkey(configured, secret) == []
    printed = capsys.readouterr()
    for logged in (caplog.text, printed.out, printed.err):
        assert secret not in logged
    assert "/api/v1/auth/me" in caplog.text, "requests are logged"
