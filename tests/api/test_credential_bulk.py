"""Connecting many roles at once: each item has its own outcome."""

import asyncio
import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.aws_account import AWSAccount, AWSCredentials
from app.models.outbox import IdempotencyKey, OutboxMessage
from app.schemas.credential_bulk import MOST_CONNECTED
from app.services.credential_bulk import PACE, VERIFIED_AT_ONCE
from tests.builders import make_account
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.personae import People, make_persona

ONE = "/api/v1/aws-credentials"
PATH = f"{ONE}/bulk"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def arn(number: int, name: str = "Cloudrota") -> str:
    return f"arn:aws:iam::{number:012}:role/{name}"


def role(number: int, **others: Any) -> dict[str, Any]:
    return {"name": f"Account {number}", "role_arn": arn(number), **others}


async def connect(client: AsyncClient, *items: Any, **headers: str) -> list[Any]:
    answer = await client.post(PATH, json={"items": items}, headers=headers)
    assert answer.status_code == 200, answer.text
    told: list[Any] = answer.json()["items"]
    assert [one["index"] for one in told] == list(range(len(items)))
    return told


def outcomes(told: list[Any]) -> list[str]:
    return [one["outcome"] for one in told]


async def test_every_item_has_its_own_outcome(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    single = {"kind": "role", **role(1)}
    known = (await alice.post(ONE, json=single)).json()
    told = await connect(
        alice,
        role(1, name="Another name"),
        role(2),
        role(3, name="Account 1"),
        role(4, role_arn="Cloudrota"),
        role(2, name="The same again"),
        role(5, name="Account 2"),
        role(2, purpose="write", name="To change"),
        "a text",
        role(6),
    )
    assert outcomes(told) == [
        *("already_connected", "connected", "refused", "refused"),
        *("already_connected", "refused", "connected", "refused", "connected"),
    ]
    assert told[0]["credentials_id"] == known["id"]
    assert told[4]["credentials_id"] == told[1]["credentials_id"]
    assert told[6]["aws_account_id"] == told[1]["aws_account_id"]
    wrong = [(e["pointer"], e["code"]) for one in told for e in one["errors"]]
    assert wrong == [
        ("/items/2/name", "taken"),
        ("/items/3/role_arn", "invalid_role_arn"),
        ("/items/5/name", "taken"),
        ("/items/7", "model_type"),
    ]
    assert {one["credentials_id"] for one in told if one["errors"]} == {None}
    shown = (await alice.get(f"{ONE}/{told[6]['credentials_id']}")).json()
    assert (shown["status"], shown["purpose"]) == ("pending", "write")
    assert shown["verification_pending"] is True
    accounts = await owner.scalars(select(AWSAccount.account_id))
    assert sorted(accounts) == [f"{n:012}" for n in (1, 2, 6)]


@pytest.mark.parametrize(
    "entry",
    [
        {"role_arn": arn(1)},
        {"name": "x"},
        {"name": "x", "role_arn": None},
        role(1, purpose="both"),
        role(1, name=" "),
        role(1, name="x" * 121),
        role(1, name="a\u0000b"),
        role(1, name=7),
        role(1, role_arn="arn:aws-cn:iam::123456789012:role/x"),
        role(1, external_id="mine"),
        role(1, access_key_id="AKIAIOSFODNN7EXAMPLE"),
        role(1, secret_access_key=f"{SECRET} {SECRET}"),
    ],
)
async def test_an_item_is_refused_as_it_would_be_alone(
    client: Client, people: People, entry: dict[str, Any]
) -> None:
    alice = client(people.alice)
    alone = await alice.post(ONE, json={"kind": "role", **entry})
    assert alone.status_code == 422
    told = await connect(alice, role(2), entry)
    assert outcomes(told) == ["connected", "refused"]
    expected = [
        {**wrong, "pointer": f"/items/1{wrong['pointer']}"}
        for wrong in alone.json()["errors"]
    ]
    assert told[1]["errors"] == expected


async def test_access_keys_are_connected_singly_and_told_to_nobody(
    client: Client, people: People, owner: AsyncSession
) -> None:
    key = {
        "kind": "access_key",
        "name": "Reports",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "secret_access_key": SECRET,
    }
    told = await connect(client(people.alice), key, **{"Idempotency-Key": "a"})
    assert [e["pointer"] for e in told[0]["errors"]] == ["/items/0/kind"]
    kept = (await owner.scalars(select(IdempotencyKey))).one()
    assert SECRET not in json.dumps([told, kept.response])


async def test_a_repeat_gets_the_same_answer_and_makes_nothing(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    items = [role(1), role(1, name="again"), {"name": "x", "a\u0000b": 1}]
    content = json.dumps({"items": items})
    headers = {"Idempotency-Key": "stack set", "Content-Type": "application/json"}
    first, second = [
        await alice.post(PATH, content=content, headers=headers) for _ in range(2)
    ]
    assert first.status_code == 200
    assert first.content == second.content
    assert outcomes(first.json()["items"]) == [
        *("connected", "already_connected", "refused"),
    ]
    assert await owner.scalar(select(func.count(AWSCredentials.id))) == 1
    other = await alice.post(PATH, json={"items": [role(2)]}, headers=headers)
    assert other.json()["code"] == "idempotency-key-reused"


@pytest.mark.parametrize("item", ['{"\\ud800": 1}', '"\\udfff"', "[" * 500 + "]" * 500])
async def test_what_is_no_proper_json_is_refused_whole(
    client: Client, people: People, item: str
) -> None:
    alice = client(people.alice)
    answer = await alice.post(
        PATH,
        content=f'{{"items": [{json.dumps(role(1))}, {item}]}}',
        headers={"Content-Type": "application/json", "Idempotency-Key": "a"},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/items/1")
    assert (await alice.get(ONE)).json()["items"] == []


async def test_three_hundred_of_the_longest_fit_and_no_more(
    client: Client, people: People, owner: AsyncSession, configured: Settings
) -> None:
    items = [
        {
            "name": f"{number:03}" + "\U0001f600" * 117,
            "role_arn": arn(number, "x" * 576),
            "purpose": "write",
        }
        for number in range(MOST_CONNECTED + 1)
    ]
    alice = client(people.alice)
    size = len(json.dumps({"items": items}))
    assert size < configured.max_request_bytes
    refused = await alice.post(PATH, json={"items": items})
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
        ("/items", "too_long")
    ]
    empty = await alice.post(PATH, json={"items": []})
    assert empty.json()["errors"][0]["pointer"] == "/items"
    told = await connect(alice, *items[:MOST_CONNECTED])
    assert set(outcomes(told)) == {"connected"}
    actions = Counter(await owner.scalars(select(AuditEvent.action)))
    assert actions == {
        "aws_account.connected": MOST_CONNECTED,
        "aws_credentials.connected": MOST_CONNECTED,
    }


async def _due(owner: AsyncSession) -> list[datetime]:
    await owner.rollback()
    at = OutboxMessage.available_at
    return list(await owner.scalars(select(at).order_by(at)))


async def test_a_hundred_are_not_verified_in_one_burst(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    await connect(alice, *[role(number) for number in range(50)])
    due = await _due(owner)
    assert len(due) == 50
    paced = due[VERIFIED_AT_ONCE:]
    assert due[VERIFIED_AT_ONCE - 1] < paced[0]
    assert {b - a for a, b in pairwise(paced)} == {PACE}
    await connect(alice, *[role(number) for number in range(50, 100)])
    later = [one for one in await _due(owner) if one > due[-1]]
    assert len(later) == 50 - VERIFIED_AT_ONCE
    assert later[0] - due[-1] == PACE
    assert later[-1] - due[-1] < timedelta(seconds=50)


async def test_two_at_once_that_cross_lose_nothing(
    client: Client, people: People, owner: AsyncSession
) -> None:
    """They name the same roles and the same names in opposite orders."""
    names = [role(number) for number in range(12)]
    single = {"kind": "role", **role(5)}
    rename = (
        await client(people.adam).post(ONE, json={"kind": "role", **role(99)})
    ).json()
    answers = await asyncio.gather(
        client(people.alice).post(PATH, json={"items": names}),
        client(people.adam).post(PATH, json={"items": names[::-1]}),
        client(people.alice).post(ONE, json=single),
        client(people.adam).patch(f"{ONE}/{rename['id']}", json={"name": "Account 7"}),
    )
    assert [one.status_code for one in answers[:2]] == [200, 200]
    assert answers[2].status_code in {201, 409}
    assert answers[3].status_code in {200, 409}
    row = AWSCredentials
    present = Counter(await owner.scalars(select(row.role_arn)))
    assert set(present.values()) == {1}
    told = [one for answer in answers[:2] for one in answer.json()["items"]]
    assert len(told) == 24
    assert outcomes(told).count("connected") + (answers[2].status_code == 201) + 1 == (
        len(present)
    )


async def test_accounts_are_locked_in_the_order_in_which_tasks_lock_them(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        first, second = [
            await make_account(
                session,
                people.alice.organization_id,
                account_id=f"{number:012}",
                name=f"History {number}",
                credentials=None,
            )
            for number in (2, 1)
        ]
    assert first.id < second.id
    async with database.unit_of_work(Login.OWNER) as session:
        await session.get(AWSAccount, first.id, with_for_update=True)
        asked = asyncio.create_task(connect(client(people.alice), role(1), role(2)))
        await until_it_waits(database, asked)
        # It does not hold the second while it waits for the first.
        await session.get(AWSAccount, second.id, with_for_update={"nowait": True})
    assert outcomes(await asked) == ["connected", "connected"]


async def test_a_limited_admin_connects_only_accounts_that_it_sees(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    organization_id = people.alice.organization_id
    async with database.unit_of_work(Login.OWNER) as session:
        nora = await make_persona(
            session,
            configured,
            "nora",
            organization_id,
            Role.ADMIN,
            label_scope={"client": ["north"]},
        )
        for number, label in ((1, "north"), (2, "south")):
            await make_account(
                session,
                organization_id,
                account_id=f"{number:012}",
                name=label,
                labels={"client": label},
            )
    hidden = f"arn:aws:iam::{2:012}:role/CloudrotaRead"
    told = await connect(
        client(nora), role(1), role(2), role(3), role(4, role_arn=hidden)
    )
    assert outcomes(told) == ["connected", "refused", "refused", "refused"]
    assert {e["code"] for one in told[1:] for e in one["errors"]} == {"unknown"}


async def test_who_may_not_connect_one_may_not_connect_many(
    client: Client, people: People, database: Database, configured: Settings
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        uma = await make_persona(
            session,
            configured,
            "uma",
            people.alice.organization_id,
            Role.ADMIN,
            verified=False,
        )
    body = {"items": [role(1)]}
    unverified = await client(uma).post(PATH, json=body)
    assert unverified.json()["code"] == "email-not-verified"
    member = await client(people.olga).post(PATH, json=body)
    assert member.status_code == 403
    assert (await client(people.alice).get(ONE)).json()["items"] == []
