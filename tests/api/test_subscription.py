"""What an organization reads of its subscription."""

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import update

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.subscription import Subscription
from app.models.user import User
from tests.conftest import Client
from tests.personae import People

PATH = "/api/v1/subscription"
END = datetime(2031, 3, 31, 12, tzinfo=UTC)


async def become(database: Database, people: People, **values: Any) -> None:
    statement = update(Subscription).where(
        Subscription.organization_id == people.alice.organization_id
    )
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(statement.values(**values))


@pytest.fixture
def billed(app: FastAPI, configured: Settings) -> None:
    """Stripe is set up."""
    key = {"stripe_api_key": SecretStr("sk_test_1")}
    app.state.settings = configured.model_copy(update=key)


async def test_without_stripe_it_says_that_nobody_pays(
    client: Client, people: People
) -> None:
    said = (await client(people.alice).get(PATH)).json()
    assert said == {
        "plan_code": "self_hosted",
        "plan_name": "Self-hosted",
        "status": "complimentary",
        "current_period_end": None,
        "cancel_at_period_end": False,
        "is_billed": False,
        "has_customer": False,
        "trial_days_offered": 0,
        "standing": {"state": "unbilled", "until": None, "what_to_do": ""},
        "held_history": None,
    }


async def test_everybody_there_sees_the_banner_and_no_stripe_id(
    client: Client, people: People, database: Database
) -> None:
    await become(
        database,
        people,
        plan_code="team",
        status="trialing",
        current_period_end=END,
        stripe_customer_id="cus_1",
        stripe_subscription_id="sub_1",
    )
    for persona in people.colleagues:
        answer = await client(persona).get(PATH)
        assert answer.json()["standing"]["state"] == "trial", persona.name
        assert answer.json()["standing"]["until"] == "2031-03-31T12:00:00Z"
        assert answer.json()["has_customer"] is True
        assert "cus_1" not in answer.text
        assert "sub_1" not in answer.text
    other = (await client(people.mallory).get(PATH)).json()
    assert other["standing"]["state"] == "unbilled"


@pytest.mark.usefixtures("billed")
async def test_a_trial_is_offered_once_to_an_organization(
    client: Client, people: People, database: Database
) -> None:
    assert (await client(people.alice).get(PATH)).json()["trial_days_offered"] == 14
    await become(database, people, trial_used_at=END)
    assert (await client(people.alice).get(PATH)).json()["trial_days_offered"] == 0


@pytest.mark.usefixtures("billed")
async def test_a_trial_is_offered_once_to_a_person(
    client: Client, people: People, database: Database
) -> None:
    elsewhere, here = people.mallory.organization_id, people.alice.organization_id
    for claimed, days in ((elsewhere, 0), (here, 14)):
        async with database.unit_of_work(Login.OWNER) as session:
            own = update(User).where(User.id == people.alice.user_id)
            await session.execute(own.values(trial_organization_id=claimed))
        said = (await client(people.alice).get(PATH)).json()
        assert said["trial_days_offered"] == days
