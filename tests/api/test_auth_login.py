"""Signing in and out, and what an access token is good for afterwards."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database, Login
from app.models.audit import AuditEvent
from app.models.organization import Member, Organization
from app.models.user import User, UserSession
from tests.api.signing import (
    COOKIE,
    CSRF,
    ORIGIN,
    field_of,
    login,
    me,
    refresh,
    register,
    set_cookie,
)
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.personae import People

LOGOUT = "/api/v1/auth/logout"
REFRESH = "/api/v1/auth/refresh"


async def test_signs_in_whatever_the_case_of_the_address(client: Client) -> None:
    await register(client(None))
    browser = client(None)
    answer = await login(browser, "RITA@example.com")
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
    assert answer.json()["expires_in"] == 600
    assert (await me(browser, answer.json()["access_token"])).status_code == 200


async def test_the_cookie_is_for_our_own_pages_and_no_script(client: Client) -> None:
    await register(client(None))
    answer = await login(client(None))
    attributes = answer.headers["set-cookie"].lower().split("; ")
    assert attributes[0].startswith("cloudrota_refresh=")
    assert {"httponly", "path=/", "samesite=strict"} <= set(attributes)
    assert f"max-age={72 * 3600}" in attributes, "as long as it may rest"
    assert not any(attribute.startswith("domain") for attribute in attributes)


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: Client,
) -> None:
    await register(client(None))
    wrong = await login(client(None), password="not my password")
    unknown = await login(client(None), "nobody@example.com")
    assert wrong.status_code == 401
    assert wrong.content == unknown.content
    assert wrong.json()["code"] == "invalid-credentials"
    varying = {"x-request-id"}
    assert {k: v for k, v in wrong.headers.items() if k not in varying} == {
        k: v for k, v in unknown.headers.items() if k not in varying
    }


async def test_a_password_that_was_changed_meanwhile_signs_nobody_in(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    """The sessions that the change ended did not hold this one yet."""
    await register(client(None))
    await owner.execute(update(User).values(password_hash="of another password"))
    late = asyncio.create_task(login(client(None)))
    await until_it_waits(database, late)
    await owner.commit()
    answer = await late
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-credentials")


async def test_a_disabled_user_is_like_an_unknown_one(
    client: Client, database: Database
) -> None:
    await register(client(None))
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(User).values(disabled_at=now()))
    answer = await login(client(None))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-credentials")


async def test_a_user_of_no_organization_is_told_so(
    client: Client, database: Database
) -> None:
    await register(client(None))
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Member).values(removed_at=now()))
    answer = await login(client(None))
    assert (answer.status_code, answer.json()["code"]) == (403, "no-organization")


async def test_an_overlong_password_is_refused_unhashed(client: Client) -> None:
    answer = await login(client(None), password="x" * 129)
    assert field_of(answer) == (422, "/password", "string_too_long")


async def test_sign_in_is_recorded_and_its_origin_kept(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    browser = client(None)
    browser.headers["User-Agent"] = "Agent " * 100
    await login(browser)
    newest = select(UserSession).order_by(UserSession.created_at.desc()).limit(1)
    signed_in = (await owner.scalars(newest)).one()
    assert signed_in.user_agent is not None
    assert len(signed_in.user_agent) == 256
    assert signed_in.user_agent.endswith("…"), "a cut shows"
    assert signed_in.address == "127.0.0.1"
    started = select(func.count()).where(AuditEvent.action == "session.start")
    assert await owner.scalar(started) == 2


async def test_sign_out_ends_access_and_refresh_at_once(
    client: Client, owner: AsyncSession
) -> None:
    browser = client(None)
    made = await register(browser)
    cookie = browser.cookies[COOKIE]
    answer = await browser.post(LOGOUT, headers=CSRF)
    assert answer.status_code == 204
    assert COOKIE not in browser.cookies

    after = await me(browser, made["access_token"])
    assert (after.status_code, after.json()["code"]) == (401, "invalid-token")
    assert after.headers["www-authenticate"] == "Bearer"
    assert (await refresh(browser, cookie)).status_code == 401
    reason = await owner.scalar(select(UserSession.revoked_reason))
    assert reason == "signed_out"
    ended = select(func.count()).where(AuditEvent.action == "session.end")
    assert await owner.scalar(ended) == 1


async def test_signing_out_twice_is_no_error_and_recorded_once(
    client: Client, owner: AsyncSession
) -> None:
    browser = client(None)
    await register(browser)
    cookie = browser.cookies[COOKIE]
    for _ in range(2):
        browser.cookies.set(COOKIE, cookie)
        assert (await browser.post(LOGOUT, headers=CSRF)).status_code == 204
    ended = select(func.count()).where(AuditEvent.action == "session.end")
    assert await owner.scalar(ended) == 1


@pytest.mark.parametrize("path", [LOGOUT, REFRESH])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Cloudrota-CSRF": "true"},
        {**CSRF, "Origin": "https://evil.example"},
        {**CSRF, "Origin": "null"},
        {**CSRF, "Origin": f"{ORIGIN}.evil.example"},
        {**CSRF, "Origin": "https://127.0.0.1:8000"},
    ],
)
async def test_the_cookie_is_refused_from_another_site(
    client: Client, owner: AsyncSession, path: str, headers: dict[str, str]
) -> None:
    browser = client(None)
    await register(browser)
    answer = await browser.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-origin")
    row = (await owner.scalars(select(UserSession))).one()
    assert (row.generation, row.revoked_at) == (0, None)


@pytest.mark.parametrize("path", [LOGOUT, REFRESH])
async def test_without_the_cookie_there_is_nothing_to_serve(
    client: Client, path: str
) -> None:
    answer = await client(None).post(path, headers={**CSRF, "Origin": ORIGIN})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_the_refresh_token_opens_no_other_route(client: Client) -> None:
    browser = client(None)
    await register(browser)
    assert (await me(browser, browser.cookies[COOKIE])).status_code == 401
    assert (await browser.get("/api/v1/auth/me")).status_code == 401


async def test_a_removed_member_is_refused_on_the_next_request(
    client: Client, people: People, database: Database
) -> None:
    olga = client(people.olga)
    assert (await olga.get("/api/v1/auth/me")).status_code == 200
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(Member)
            .where(Member.user_id == people.olga.user_id)
            .values(removed_at=now())
        )
    assert (await olga.get("/api/v1/auth/me")).status_code == 401


async def test_an_expired_membership_is_over(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(Member)
            .where(Member.user_id == people.olga.user_id)
            .values(expires_at=now() - timedelta(seconds=1))
        )
    assert (await client(people.olga).get("/api/v1/auth/me")).status_code == 401


async def test_a_changed_role_holds_on_the_next_request(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(
            update(Member)
            .where(Member.user_id == people.olga.user_id)
            .values(role="viewer")
        )
    oneself = (await client(people.olga).get("/api/v1/auth/me")).json()
    assert oneself["role"] == "viewer"
    assert "tasks.edit" not in oneself["permissions"]


async def test_a_label_scope_is_shown_to_its_member(
    client: Client, people: People
) -> None:
    oneself = (await client(people.clara).get("/api/v1/auth/me")).json()
    assert oneself["label_scope"] == {"client": ["north"]}


async def test_a_deleted_organization_lets_nobody_in(
    client: Client, people: People, database: Database
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(Organization).values(deleted_at=now()))
    assert (await client(people.alice).get("/api/v1/auth/me")).status_code == 401


async def test_no_secret_of_a_sign_in_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    browser = client(None)
    made = await register(browser)
    answer = await refresh(browser)
    await login(browser, password="canary-password-1")
    assert "/api/v1/auth/login" in caplog.text, "requests are logged"
    for secret in (
        "a walk along the river",
        "canary-password-1",
        made["access_token"],
        set_cookie(answer),
    ):
        assert secret not in caplog.text
