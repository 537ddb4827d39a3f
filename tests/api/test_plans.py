"""The price list: what one has, what one could have, and nobody else's plan."""

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import func, select, update

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.subscription import SubscriptionPlan
from tests.conftest import Client
from tests.personae import People
from tests.plans import UNLIMITED, make_plan, subscribe

PLANS = "/api/v1/plans"


@pytest.fixture
async def sold(database: Database, app: FastAPI, configured: Settings) -> None:
    """Stripe sells Team and Business, and who has neither has Free."""
    selling = {"stripe_api_key": SecretStr("sk_test_1"), "default_plan": "free"}
    app.state.settings = configured.model_copy(update=selling)
    async with database.unit_of_work(Login.OWNER) as session:
        price = SubscriptionPlan.code.in_(["team", "business"])
        priced = update(SubscriptionPlan).where(price)
        named = func.concat("price_", SubscriptionPlan.code)
        await session.execute(priced.values(stripe_price_id=named))


async def test_a_deployment_that_sells_nothing_shows_ones_own_plan(
    client: Client, people: People
) -> None:
    answer = await client(people.victor).get(PLANS)
    (plan,) = answer.json()["items"]
    assert (plan["code"], plan["is_present"]) == ("self_hosted", True)
    assert plan["is_offered"] is False
    assert plan["limits"].keys() == UNLIMITED.keys()
    assert plan["limits"]["aws_accounts"] is None


@pytest.mark.usefixtures("sold")
async def test_shows_what_is_sold_what_is_free_and_what_one_has_by_size(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await make_plan(session, "of_another", aws_accounts=7)
        await subscribe(session, people.mallory.organization_id, "of_another")
        await subscribe(session, people.alice.organization_id, "team")
    items = (await client(people.olga).get(PLANS)).json()["items"]
    shown = [(one["code"], one["is_present"], one["is_offered"]) for one in items]
    assert shown == [
        ("free", False, False),
        ("team", True, True),
        ("business", False, True),
    ]
    async with database.unit_of_work(Login.OWNER) as session:
        team = select(SubscriptionPlan.limits).where(SubscriptionPlan.code == "team")
        assert items[1]["limits"] == await session.scalar(team)
    theirs = (await client(people.mallory).get(PLANS)).json()["items"]
    assert [one["code"] for one in theirs] == ["free", "of_another", "team", "business"]
