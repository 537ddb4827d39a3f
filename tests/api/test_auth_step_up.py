"""Acts for which it must not be long ago that one proved who one is."""

import asyncio

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.models.audit import AuditEvent
from app.models.user import User
from tests.api.authenticating import Enrolled, MoveClock, ask, enrol, said
from tests.api.signing import PASSWORD, field_of, login, me, refresh, register
from tests.conftest import Client
from tests.locks import until_it_waits

LATER = "15 minutes 1 second"
STEPS_LATER = 31  # as much, in an app's steps
ENROL = ("POST", "/auth/mfa/totp")
STEP_UP = ("POST", "/auth/step-up")


async def signed_in(browser: AsyncClient) -> str:
    await register(browser)
    return str((await login(browser)).json()["access_token"])


async def prove(browser: AsyncClient, token: str, **proof: str) -> Response:
    return await ask(browser, token, *STEP_UP, proof)


@pytest.fixture
async def rita(client: Client, move_clock: MoveClock) -> Enrolled:
    """With a second factor, and her last proof too old."""
    rita = await enrol(client(None), move_clock)
    rita.app.steps = STEPS_LATER
    await rita.app.next()
    return rita


async def test_a_sign_in_is_a_proof_for_a_quarter_of_an_hour(
    client: Client, move_clock: MoveClock
) -> None:
    browser = client(None)
    token = await signed_in(browser)
    await move_clock("14 minutes 50 seconds")
    assert (await ask(browser, token, *ENROL)).status_code == 201
    await move_clock(LATER)
    assert said(await ask(browser, token, *ENROL)) == (403, "step-up-required")
    assert (await me(browser, token)).status_code == 200
    again = (await login(client(None))).json()["access_token"]
    assert (await ask(browser, again, *ENROL)).status_code == 201


async def test_a_password_renews_it_and_a_refresh_does_not(
    client: Client, move_clock: MoveClock, owner: AsyncSession
) -> None:
    browser = client(None)
    token = await signed_in(browser)
    await move_clock(LATER)
    fresh = (await refresh(browser)).json()["access_token"]
    assert said(await ask(browser, fresh, *ENROL)) == (403, "step-up-required")
    assert (await prove(browser, token, password=PASSWORD)).status_code == 204
    assert (await ask(browser, fresh, *ENROL)).status_code == 201
    proofs = select(func.count()).where(AuditEvent.action == "session.step_up")
    assert await owner.scalar(proofs) == 1


async def test_it_is_the_sessions_own(client: Client, move_clock: MoveClock) -> None:
    browser = client(None)
    token = await signed_in(browser)
    other = str((await login(client(None))).json()["access_token"])
    await move_clock(LATER)
    assert (await prove(browser, token, password=PASSWORD)).status_code == 204
    assert said(await ask(browser, other, *ENROL)) == (403, "step-up-required")


async def test_what_is_wrong_or_missing_renews_nothing(
    client: Client, move_clock: MoveClock
) -> None:
    browser = client(None)
    token = await signed_in(browser)
    await move_clock(LATER)
    wrong = await prove(browser, token, password="not my password")
    assert field_of(wrong) == (422, "/password", "wrong")
    for proof in ({}, {"code": "000000"}):
        missing = await prove(browser, token, **proof)
        assert field_of(missing) == (422, "/password", "needed")
    assert said(await ask(browser, token, *ENROL)) == (403, "step-up-required")


async def test_with_a_second_factor_the_password_is_not_enough(rita: Enrolled) -> None:
    browser, token, app = rita.browser, rita.token, rita.app
    alone = await prove(browser, token, password=PASSWORD)
    assert field_of(alone) == (422, "/code", "needed")
    wrong = await prove(browser, token, password=PASSWORD, code=app.wrong_code())
    assert field_of(wrong) == (422, "/code", "wrong")
    code = await app.next()
    both = await prove(browser, token, password="not my password", code=code)
    assert field_of(both) == (422, "/password", "wrong")
    off = ("DELETE", "/auth/mfa/totp")
    assert said(await rita.ask(*off)) == (403, "step-up-required")
    assert (await prove(browser, token, code=code)).status_code == 204
    assert (await rita.ask(*off)).status_code == 204


async def test_a_code_that_renewed_it_does_nothing_else(
    client: Client, rita: Enrolled
) -> None:
    code = await rita.app.next()
    browser = rita.browser
    together = (prove(browser, rita.token, code=code) for _ in range(3))
    statuses = [answer.status_code for answer in await asyncio.gather(*together)]
    assert sorted(statuses) == [204, 422, 422]
    assert said(await login(client(None), code=code)) == (401, "wrong-code")


async def test_a_recovery_code_renews_it_once(rita: Enrolled) -> None:
    code = rita.recovery_codes[0]
    assert (await prove(rita.browser, rita.token, code=code)).status_code == 204
    again = await prove(rita.browser, rita.token, code=code)
    assert field_of(again) == (422, "/code", "wrong")


async def test_guessing_here_and_at_the_sign_in_is_counted_together(
    client: Client, rita: Enrolled
) -> None:
    for _ in range(3):
        await prove(rita.browser, rita.token, code=rita.app.wrong_code())
    for _ in range(2):
        await login(client(None), code=rita.app.wrong_code())
    code = await rita.app.next()
    slowed = await prove(rita.browser, rita.token, code=code)
    assert said(slowed) == (429, "too-many-codes")


async def test_the_password_is_changed_with_a_fresh_proof_only(rita: Enrolled) -> None:
    wanted = {"current_password": PASSWORD, "new_password": "a walk over the hill"}
    change = ("POST", "/auth/change-password", wanted)
    assert said(await rita.ask(*change)) == (403, "step-up-required")
    code = await rita.app.next()
    assert (await prove(rita.browser, rita.token, code=code)).status_code == 204
    assert (await rita.ask(*change)).status_code == 204


async def test_sessions_are_ended_without_one(rita: Enrolled) -> None:
    assert (await rita.ask("POST", "/auth/logout-everywhere")).status_code == 204


async def test_a_password_that_was_changed_meanwhile_proves_nothing(
    client: Client, move_clock: MoveClock, owner: AsyncSession, database: Database
) -> None:
    browser = client(None)
    token = await signed_in(browser)
    await move_clock(LATER)
    await owner.execute(update(User).values(password_hash="of another password"))
    late = asyncio.create_task(prove(browser, token, password=PASSWORD))
    await until_it_waits(database, late)
    await owner.commit()
    assert said(await late) == (412, "stale-version")
    assert said(await ask(browser, token, *ENROL)) == (403, "step-up-required")
