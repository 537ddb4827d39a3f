"""Choosing a plan on Stripe's page: through the fake, which somebody pays on."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.subscription import Subscription, SubscriptionPlan
from app.models.user import SpentTrial, User
from app.services import artifacts, erasing
from tests.api.authenticating import said
from tests.conftest import Client
from tests.fakestripe.buying import Shop, make_shop
from tests.fakestripe.server import Backstage
from tests.personae import People, Persona
from tests.subscriber import settings_of

CHECKOUT = "/api/v1/subscription/checkout"
PORTAL = "/api/v1/subscription/portal"
TEAM = {"plan_code": "team"}


@pytest.fixture
async def shop(
    app: FastAPI,
    configured: Settings,
    database: Database,
    backstage: Backstage,
    people: People,
) -> Shop:
    """Stripe sells Team and Business, the API knows it, and nobody has bought."""
    assert people
    made = make_shop(backstage)
    app.state.settings = settings_of(configured, backstage)
    async with database.unit_of_work(Login.OWNER) as session:
        for code, price in (("team", made.team), ("business", made.business)):
            plan = update(SubscriptionPlan).where(SubscriptionPlan.code == code)
            await session.execute(plan.values(stripe_price_id=price))
        nobody_pays_yet = update(Subscription).values(plan_code="free", status="none")
        await session.execute(nobody_pays_yet)
    return made


@pytest.fixture
def alice(client: Client, people: People, shop: Shop) -> AsyncClient:
    assert shop
    return client(people.alice)


async def customer_of(owner: AsyncSession, persona: Persona) -> str | None:
    customer: str | None = await owner.scalar(
        select(Subscription.stripe_customer_id).where(
            Subscription.organization_id == persona.organization_id
        )
    )
    return customer


def sessions_of(shop: Shop, customer: str) -> list[Any]:
    listed = shop.stripe.v1.checkout.sessions.list({"customer": customer})
    return list(listed.auto_paging_iter())


async def test_a_page_is_opened_for_the_organizations_own_customer(
    alice: AsyncClient, people: People, shop: Shop, owner: AsyncSession
) -> None:
    answer = await alice.post(CHECKOUT, json=TEAM)
    assert answer.status_code == 201, answer.text
    assert answer.json()["trial_days"] == 14
    customer = await customer_of(owner, people.alice)
    assert customer is not None
    here = str(people.alice.organization_id)
    kept = shop.stripe.v1.customers.retrieve(customer)
    assert kept.metadata is not None
    assert kept.metadata.to_dict() == {"organization_id": here}
    assert kept.email is None
    (page,) = sessions_of(shop, customer)
    assert (page.url, page.client_reference_id) == (answer.json()["url"], here)
    assert page.success_url == "http://127.0.0.1:8000/subscription?checkout=done"


async def test_paying_starts_the_trial_and_coming_back_grants_nothing(
    alice: AsyncClient, people: People, shop: Shop, backstage: Backstage
) -> None:
    page = (await alice.post(CHECKOUT, json=TEAM)).json()["url"]
    paid = await asyncio.to_thread(backstage.pay, page)
    assert paid.is_redirect, paid.text
    (bought,) = shop.stripe.v1.subscriptions.list({}).data
    assert bought.status == "trialing"
    here = str(people.alice.organization_id)
    assert bought.metadata.to_dict() == {"organization_id": here}
    read = (await alice.get("/api/v1/subscription")).json()
    assert read["plan_code"] == "free", "the page alone gives nothing"


async def test_the_same_key_gets_the_same_page_and_another_body_none(
    alice: AsyncClient, people: People, shop: Shop, owner: AsyncSession
) -> None:
    key = {"Idempotency-Key": "once"}
    first = await alice.post(CHECKOUT, json=TEAM, headers=key)
    again = await alice.post(CHECKOUT, json=TEAM, headers=key)
    assert first.json() == again.json()
    other = await alice.post(CHECKOUT, json={"plan_code": "business"}, headers=key)
    assert said(other) == (409, "idempotency-key-reused")
    customer = await customer_of(owner, people.alice)
    assert len(sessions_of(shop, str(customer))) == 1


async def test_a_new_page_closes_the_one_before(
    alice: AsyncClient, people: People, shop: Shop, owner: AsyncSession
) -> None:
    """Or somebody with two tabs would pay twice."""
    urls = [(await alice.post(CHECKOUT, json=TEAM)).json()["url"] for _ in range(3)]
    customer = str(await customer_of(owner, people.alice))
    open_now = [one.url for one in sessions_of(shop, customer) if one.status == "open"]
    assert open_now == urls[-1:]


async def test_of_many_asked_for_at_once_at_most_one_can_be_paid(
    client: Client,
    people: People,
    shop: Shop,
    backstage: Backstage,
    owner: AsyncSession,
) -> None:
    asking = [client(one) for one in (people.alice, people.adam) for _ in range(4)]
    answers = await asyncio.gather(*(one.post(CHECKOUT, json=TEAM) for one in asking))
    customers = shop.stripe.v1.customers.list({}).data
    customer = await customer_of(owner, people.alice)
    assert [one.id for one in customers] == [customer]
    pages = [one.json()["url"] for one in answers if one.status_code == 201]
    assert pages
    for page in pages:
        await asyncio.to_thread(backstage.pay, page)
    assert len(shop.stripe.v1.subscriptions.list({"status": "all"}).data) <= 1


async def test_who_has_a_subscription_gets_no_second_one(
    alice: AsyncClient, shop: Shop, backstage: Backstage
) -> None:
    """Even before we were told of it."""
    page = (await alice.post(CHECKOUT, json=TEAM)).json()["url"]
    await asyncio.to_thread(backstage.pay, page)
    answer = await alice.post(CHECKOUT, json=TEAM)
    assert said(answer) == (409, "already-subscribed")
    (bought,) = shop.stripe.v1.subscriptions.list({}).data
    shop.stripe.v1.subscriptions.cancel(bought.id)
    answer = await alice.post(CHECKOUT, json=TEAM)
    assert (answer.status_code, answer.json()["trial_days"]) == (201, 0), "it had one"


async def test_a_person_tries_a_plan_in_one_organization_only(
    alice: AsyncClient,
    client: Client,
    people: People,
    database: Database,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        own = update(User).where(User.id == people.adam.user_id)
        elsewhere = people.mallory.organization_id
        await session.execute(own.values(trial_organization_id=elsewhere))
    answer = await client(people.adam).post(CHECKOUT, json=TEAM)
    assert (answer.status_code, answer.json()["trial_days"]) == (201, 0)
    answer = await alice.post(CHECKOUT, json=TEAM)
    assert answer.json()["trial_days"] == 14, "hers is her own"
    async with database.unit_of_work(Login.OWNER) as session:
        used = update(Subscription).values(trial_used_at=func.app_now())
        await session.execute(used)
    answer = await alice.post(CHECKOUT, json=TEAM)
    assert (answer.status_code, answer.json()["trial_days"]) == (201, 0)


async def test_who_is_erased_and_comes_again_has_no_second_trial(
    alice: AsyncClient,
    client: Client,
    people: People,
    database: Database,
    configured: Settings,
) -> None:
    """Adam has the address that Alice had, in whatever letters."""
    assert (await alice.post(CHECKOUT, json=TEAM)).json()["trial_days"] == 14
    assert people.alice.user_id is not None
    await erasing.erase_person(
        database, artifacts.storage(configured), people.alice.user_id
    )
    async with database.unit_of_work(Login.OWNER) as session:
        own = update(User).where(User.id == people.adam.user_id)
        await session.execute(own.values(email="Alice@example.com"))
        await session.execute(update(Subscription).values(trial_used_at=None))
    adam = client(people.adam)
    shown = (await adam.get("/api/v1/subscription")).json()
    assert shown["trial_days_offered"] == 0
    answer = await adam.post(CHECKOUT, json=TEAM)
    assert (answer.status_code, answer.json()["trial_days"]) == (201, 0)
    async with database.unit_of_work(Login.OWNER) as session:
        (key,) = await session.scalars(select(SpentTrial.key))
    assert b"alice" not in key.lower()


async def test_a_lost_answer_makes_no_second_customer(
    alice: AsyncClient,
    shop: Shop,
    backstage: Backstage,
) -> None:
    backstage.order_fault(status=None, after=True, path="/v1/customers")
    answer = await alice.post(CHECKOUT, json=TEAM)
    assert said(answer) == (503, "stripe-away")
    assert (await alice.post(CHECKOUT, json=TEAM)).status_code == 201
    assert len(shop.stripe.v1.customers.list({}).data) == 1


async def test_each_step_is_in_the_log(
    alice: AsyncClient, owner: AsyncSession, people: People
) -> None:
    assert (await alice.post(CHECKOUT, json=TEAM)).status_code == 201
    assert (await alice.post(PORTAL)).status_code == 201
    told = select(AuditEvent.action, AuditEvent.detail).order_by(AuditEvent.id)
    told = told.where(AuditEvent.organization_id == people.alice.organization_id)
    assert [tuple(row) for row in await owner.execute(told)] == [
        ("subscription.prepare", {"trial": True}),
        ("subscription.open_checkout", {"plan": "team"}),
        ("subscription.open_portal", {}),
    ]


@pytest.mark.parametrize("code", ["free", "self_hosted", "none"])
async def test_what_has_no_price_is_not_sold(alice: AsyncClient, code: str) -> None:
    answer = await alice.post(CHECKOUT, json={"plan_code": code})
    assert said(answer) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "/plan_code"


async def test_the_portal_is_the_organizations_own(
    alice: AsyncClient, shop: Shop, people: People, owner: AsyncSession
) -> None:
    assert said(await alice.post(PORTAL)) == (409, "no-customer")
    assert (await alice.post(CHECKOUT, json=TEAM)).status_code == 201
    answer = await alice.post(PORTAL)
    assert answer.status_code == 201
    assert answer.json()["url"].startswith("http://127.0.0.1:")
    assert shop
    assert await customer_of(owner, people.mallory) is None


async def test_what_the_operator_gave_is_not_bought(
    alice: AsyncClient, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Subscription).values(status="complimentary"))
    assert said(await alice.post(CHECKOUT, json=TEAM)) == (409, "complimentary")


@pytest.mark.usefixtures("shop")
async def test_only_owners_and_admins_pay(client: Client, people: People) -> None:
    for persona in people.colleagues:
        answer = await client(persona).post(CHECKOUT, json=TEAM)
        may = persona in (people.alice, people.adam)
        assert answer.status_code == (201 if may else 403), persona.name


async def test_who_has_not_confirmed_an_address_does_not_pay(
    alice: AsyncClient, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        own = update(User).where(User.id == people.alice.user_id)
        await session.execute(own.values(email_verified_at=None))
    assert said(await alice.post(CHECKOUT, json=TEAM)) == (403, "email-not-verified")


async def test_without_stripe_it_says_so(client: Client, people: People) -> None:
    for path, body in ((CHECKOUT, TEAM), (PORTAL, None)):
        answer = await client(people.alice).post(path, json=body)
        assert said(answer) == (409, "stripe-not-configured")
