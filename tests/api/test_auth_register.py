"""Registering: what comes to be, and what is refused."""

from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.permissions import Role
from app.core.settings import Settings
from app.main import create_app
from app.models.audit import AuditEvent
from app.models.organization import Member, Organization
from app.models.outbox import OutboxMessage
from app.models.subscription import Subscription, SubscriptionStatus
from app.models.user import EmailToken, User, UserIdentity, UserSession
from app.schemas.organization import OrganizationRead
from tests.api.signing import (
    ORIGIN,
    PASSWORD,
    field_of,
    login,
    me,
    register,
    registration,
    set_cookie,
)
from tests.conftest import Client

REGISTER = "/api/v1/auth/register"


async def test_makes_a_user_who_owns_an_organization(
    client: Client, owner: AsyncSession
) -> None:
    browser = client(None)
    made = await register(browser, "Rita@Example.com")

    assert made["user"]["email"] == "rita@example.com"
    assert made["user"]["email_verified_at"] is None
    assert made["organization"]["name"] == "Rita & Co"
    assert "aws_external_id" not in made["organization"]
    assert made["token_type"] == "bearer"
    organization_id = UUID(made["organization"]["id"])
    member = (await owner.scalars(select(Member))).one()
    assert (member.organization_id, member.role) == (organization_id, Role.OWNER)
    subscription = (await owner.scalars(select(Subscription))).one()
    assert subscription.plan_code == "self_hosted"
    assert subscription.status is SubscriptionStatus.COMPLIMENTARY
    identity = (await owner.scalars(select(UserIdentity))).one()
    assert (identity.provider, identity.subject) == ("password", "rita@example.com")
    external_id = await owner.scalar(select(Organization.aws_external_id))
    assert external_id is not None
    assert len(external_id) >= 43, "32 random bytes"


async def test_stores_no_token_and_no_password(
    client: Client, owner: AsyncSession
) -> None:
    browser = client(None)
    answer = await browser.post(REGISTER, json=registration())
    signed_in = (await owner.scalars(select(UserSession))).one()
    assert set_cookie(answer).encode() not in signed_in.token_hash
    assert len(signed_in.token_hash) == 32
    password_hash = await owner.scalar(select(User.password_hash))
    assert password_hash is not None
    assert password_hash.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert PASSWORD not in answer.text


async def test_records_it_and_asks_for_the_mail(
    client: Client, owner: AsyncSession
) -> None:
    made = await register(client(None))
    actions = (await owner.scalars(select(AuditEvent.action))).all()
    assert set(actions) == {"organization.register", "session.start"}
    message = (await owner.scalars(select(OutboxMessage))).one()
    token_id = await owner.scalar(select(EmailToken.id))
    assert (message.kind, message.subject_id) == ("mail.verify_email", token_id)
    assert str(message.organization_id) == made["organization"]["id"]


async def test_is_signed_in_at_once(client: Client) -> None:
    browser = client(None)
    made = await register(browser)
    answer = await me(browser, made["access_token"])
    assert answer.status_code == 200
    oneself = answer.json()
    assert oneself["user"]["id"] == made["user"]["id"]
    assert oneself["role"] == "owner"
    assert "credentials.edit" in oneself["permissions"]
    assert oneself["memberships"] == [
        {
            "organization_id": made["organization"]["id"],
            "name": "Rita & Co",
            "role": "owner",
        }
    ]


async def test_refuses_a_taken_address_in_any_case_of_letters(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    again = await client(None).post(REGISTER, json=registration("RITA@example.com"))
    assert again.status_code == 409
    assert again.json()["code"] == "email-taken"
    assert field_of(again) == (409, "/email", "taken")
    assert "set-cookie" not in again.headers
    organizations = select(func.count()).select_from(Organization)
    assert await owner.scalar(organizations) == 1, "nothing is left of the second"


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"password": "elevenchars"}, "/password", "weak"),
        ({"password": "Password1234"}, "/password", "weak"),
        ({"password": "i like cloudrota"}, "/password", "weak"),
        ({"password": "this is rita herself"}, "/password", "weak"),
        ({"password": "x" * 129}, "/password", "string_too_long"),
        ({"password": "a walk\0along the river"}, "/password", None),
        ({"email": "rita"}, "/email", "value_error"),
        ({"email": "rita@example.com\r\nBcc: x@example.com"}, "/email", "value_error"),
        ({"email": "r" * 300 + "@example.com"}, "/email", "value_error"),
        ({"name": ""}, "/name", "string_too_short"),
        ({"name": "n" * 121}, "/name", "string_too_long"),
        ({"name": "Rita\0"}, "/name", "control_character"),
        ({"organization_name": "Ri\u202eta"}, "/organization_name", None),
        ({"plan_code": "business"}, "/plan_code", "extra_forbidden"),
        ({"email_verified_at": "2026-01-01"}, "/email_verified_at", "extra_forbidden"),
        ({"aws_external_id": "mine"}, "/aws_external_id", "extra_forbidden"),
    ],
)
async def test_names_the_field_that_is_wrong(
    client: Client, changes: dict[str, str], pointer: str, code: str | None
) -> None:
    answer = await client(None).post(REGISTER, json=registration(**changes))
    status, found, found_code = field_of(answer)
    assert (status, found) == (422, pointer)
    assert code in {None, found_code}
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(changes.get("password", "nothing")) not in answer.text


async def test_refuses_half_of_a_surrogate_pair(client: Client) -> None:
    body = b'{"email":"rita@example.com","password":"a walk \\ud800 the river",'
    body += b'"name":"Rita","organization_name":"Co"}'
    headers = {"content-type": "application/json"}
    answer = await client(None).post(REGISTER, content=body, headers=headers)
    assert answer.status_code == 422


async def test_spaces_around_a_password_belong_to_it(client: Client) -> None:
    spaced = f"  {PASSWORD} "
    answer = await client(None).post(REGISTER, json=registration(password=spaced))
    assert answer.status_code == 201
    assert (await login(client(None), password=spaced)).status_code == 200
    assert (await login(client(None), password=PASSWORD)).status_code == 401


async def test_without_mail_a_user_is_verified_at_once(
    configured: Settings, owner: AsyncSession
) -> None:
    app = create_app(configured.model_copy(update={"smtp_url": None}))
    transport = ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=transport, base_url=ORIGIN) as browser,
    ):
        made = await register(browser)
    assert made["user"]["email_verified_at"] is not None
    assert (await owner.scalars(select(EmailToken))).all() == []
    assert (await owner.scalars(select(OutboxMessage))).all() == []


async def test_reads_the_organization_without_its_external_id(client: Client) -> None:
    browser = client(None)
    made = await register(browser)
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    answer = await browser.get("/api/v1/organization", headers=headers)
    assert answer.json() == made["organization"]
    assert set(answer.json()) == set(OrganizationRead.model_fields)
