"""What tests of rules share: a customer with accounts at the emulator."""

import pytest
from hypothesis import settings
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.organization import Organization
from app.models.subscription import Subscription
from tests.conftest import Client
from tests.customer import Customer, make_assumer, settings_of
from tests.emulator import EmulatorServer
from tests.emulator_account import Platform
from tests.personae import People
from tests.plans import hold_nothing

# `make machine LONG=1`
settings.register_profile("long", max_examples=2_000)


@pytest.fixture(scope="session")
def assumer(emulator: EmulatorServer) -> Platform:
    return make_assumer(emulator)


@pytest.fixture
async def customer(
    emulator: EmulatorServer,
    assumer: Platform,
    database: Database,
    configured: Settings,
    owner: AsyncSession,
    client: Client,
    people: People,
) -> Customer:
    organization_id = people.alice.organization_id
    statement = select(Organization.aws_external_id).where(
        Organization.id == organization_id
    )
    return Customer(
        emulator,
        assumer,
        database,
        settings_of(configured, emulator, assumer),
        client(people.alice),
        organization_id,
        (await owner.scalars(statement)).one(),
    )


@pytest.fixture
async def free(database: Database, people: People) -> None:
    """Everybody's plan keeps seven days, of as many accounts as a test needs."""
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            text("UPDATE subscription_plans SET limits = limits - 'aws_accounts'")
        )
        await session.execute(update(Subscription).values(plan_code="free"))
        await hold_nothing(session)
