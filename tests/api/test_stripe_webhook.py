"""Stripe's events: kept once, and only with a fresh signature."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.subscription import StripeEvent
from tests.conftest import Client

NEW = "whsec_new"
PATH = "/api/v1/webhooks/stripe"
EVENT: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.subscription.updated",
    "livemode": False,
    "created": 1_790_000_000,
    "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_1"}},
}


def signed(
    event: object = EVENT, *, secret: str = NEW, age: int = 0
) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(event).encode()
    at = int(time.time()) - age
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return body, {"Stripe-Signature": f"t={at},v1={digest}"}


@pytest.fixture
def stripe_app(app: FastAPI) -> FastAPI:
    secrets = [SecretStr("whsec_new"), SecretStr("whsec_old")]
    app.state.settings = app.state.settings.model_copy(
        update={"stripe_webhook_secrets": secrets}
    )
    return app


async def test_keeps_an_event_once_however_often_it_comes(
    stripe_app: FastAPI, client: Client, owner: AsyncSession
) -> None:
    body, headers = signed()
    for _ in range(3):
        answer = await client(None).post(PATH, content=body, headers=headers)
        assert answer.status_code == 204
    [kept] = await owner.scalars(select(StripeEvent))
    assert (kept.id, kept.object_id, kept.customer_id) == ("evt_1", "sub_1", "cus_1")


async def test_takes_both_secrets_during_a_rotation(
    stripe_app: FastAPI, client: Client
) -> None:
    body, headers = signed(secret="whsec_old")
    assert (await client(None).post(PATH, content=body, headers=headers)).is_success


@pytest.mark.parametrize(
    "forged",
    [
        signed(secret="whsec_other"),
        signed(age=301),
        (signed()[0] + b" ", signed()[1]),
        (signed()[0], {}),
        (b"no json", signed("no json")[1]),
    ],
    ids=["other secret", "too old", "altered", "unsigned", "no event"],
)
async def test_refuses_what_stripe_did_not_sign(
    stripe_app: FastAPI,
    client: Client,
    owner: AsyncSession,
    forged: tuple[bytes, dict[str, str]],
) -> None:
    body, headers = forged
    answer = await client(None).post(PATH, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "not-from-stripe")
    assert (await owner.scalars(select(StripeEvent))).all() == []


async def test_without_a_secret_there_is_no_such_route(client: Client) -> None:
    body, headers = signed()
    answer = await client(None).post(PATH, content=body, headers=headers)
    assert answer.status_code == 404
