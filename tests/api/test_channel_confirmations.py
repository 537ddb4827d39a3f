"""Addresses of channels over HTTP: told nothing until the reader has confirmed."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.outbox import OutboxMessage
from app.services import channel_confirmations
from tests.api.authenticating import MoveClock
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/notification-channels"
MAIL = {
    "name": "Operations",
    "configuration": {
        "type": "email",
        "to": "address",
        "address": "Operations@example.com",
    },
}


def _fields(problem: dict[str, Any]) -> set[tuple[str, str]]:
    return {(field["pointer"], field["code"]) for field in problem["errors"]}


async def _token(owner: AsyncSession, settings: Settings) -> str:
    wanted = (
        select(OutboxMessage.subject_id)
        .where(OutboxMessage.kind == "mail.confirm_channel")
        .order_by(OutboxMessage.created_at.desc())
    )
    await owner.rollback()
    asked = (await owner.scalars(wanted.limit(1))).one()
    return channel_confirmations.token_of(settings, asked)


async def test_an_address_is_told_once_its_reader_has_confirmed_it(
    client: Client, people: People, owner: AsyncSession, configured: Settings
) -> None:
    alice, nobody = client(people.alice), client(None)
    made = (await alice.post(PATH, json=MAIL)).json()
    assert made["configuration"]["address"] == "operations@example.com"
    assert made["verified_at"] is None
    token = {"token": await _token(owner, configured)}
    assert (await nobody.post(f"{PATH}/confirm", json=token)).status_code == 204
    shown = (await alice.get(f"{PATH}/{made['id']}")).json()
    assert shown["verified_at"] is not None
    again = await nobody.post(f"{PATH}/confirm", json=token)
    assert (again.status_code, _fields(again.json())) == (422, {("/token", "unusable")})
    unknown = await nobody.post(f"{PATH}/confirm", json={"token": "x" * 43})
    assert again.json() | {"instance": ""} == unknown.json() | {"instance": ""}
    await owner.rollback()
    actions = await owner.scalars(select(AuditEvent.action).order_by(AuditEvent.id))
    assert actions.all()[-1] == "notification_channel.confirm"


async def test_another_address_is_confirmed_anew_and_the_old_link_is_void(
    client: Client, people: People, owner: AsyncSession, configured: Settings
) -> None:
    alice, nobody = client(people.alice), client(None)
    made = (await alice.post(PATH, json=MAIL)).json()
    path = f"{PATH}/{made['id']}"
    old = {"token": await _token(owner, configured)}
    other = {"type": "email", "to": "address", "address": "other@example.com"}
    await alice.patch(path, json={"configuration": other})
    refused = await nobody.post(f"{PATH}/confirm", json=old)
    assert refused.status_code == 422
    assert (await alice.get(path)).json()["verified_at"] is None
    new = {"token": await _token(owner, configured)}
    assert (await nobody.post(f"{PATH}/confirm", json=new)).status_code == 204
    assert (await alice.get(path)).json()["verified_at"] is not None
    # The same address again is no change.
    await alice.patch(path, json={"configuration": other, "name": "Renamed"})
    assert (await alice.get(path)).json()["verified_at"] is not None
    managers = {"type": "email", "to": "managers"}
    shown = (await alice.patch(path, json={"configuration": managers})).json()
    assert shown["verified_at"] is not None


async def test_a_link_ends_and_another_one_can_be_had(
    client: Client,
    people: People,
    owner: AsyncSession,
    configured: Settings,
    move_clock: MoveClock,
) -> None:
    alice, nobody = client(people.alice), client(None)
    made = (await alice.post(PATH, json=MAIL)).json()
    path = f"{PATH}/{made['id']}"
    old = await _token(owner, configured)
    assert (await alice.post(f"{path}/confirmation")).status_code == 202
    assert await _token(owner, configured) == old
    await move_clock("31 minutes")
    refused = await nobody.post(f"{PATH}/confirm", json={"token": old})
    assert refused.status_code == 422
    assert (await alice.post(f"{path}/confirmation")).status_code == 202
    new = await _token(owner, configured)
    assert new != old
    answer = await nobody.post(f"{PATH}/confirm", json={"token": new})
    assert answer.status_code == 204


async def test_a_link_of_a_deleted_channel_does_nothing(
    client: Client, people: People, owner: AsyncSession, configured: Settings
) -> None:
    alice = client(people.alice)
    made = (await alice.post(PATH, json=MAIL)).json()
    token = await _token(owner, configured)
    await alice.delete(f"{PATH}/{made['id']}")
    answer = await client(None).post(f"{PATH}/confirm", json={"token": token})
    assert answer.status_code == 422


async def test_strangers_are_not_mailed_without_end(
    client: Client, people: People, owner: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_confirmations, "MOST_A_DAY", 2)
    alice = client(people.alice)
    statuses = []
    for number in range(3):
        entry = {**MAIL, "name": f"{number}"}
        made = await alice.post(PATH, json=entry)
        statuses.append(made.status_code)
        if made.status_code == 201:
            await alice.delete(f"{PATH}/{made.json()['id']}")
    assert statuses == [201, 201, 429]
    mails = await owner.scalar(select(func.count(OutboxMessage.id)))
    assert mails == 2


async def test_without_mail_no_address_is_taken(
    app: FastAPI, client: Client, people: People, configured: Settings
) -> None:
    app.state.settings = configured.model_copy(update={"smtp_url": None})
    answer = await client(people.alice).post(PATH, json=MAIL)
    assert answer.json()["code"] == "mail-not-configured"
