"""Multi-factor sign-in: set up, asked for, used once, and lived without."""

import asyncio

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.settings import Settings
from app.models.second_factor import Authenticator, RecoveryCode
from tests.api.authenticating import (
    RITA,
    App,
    Enrolled,
    MoveClock,
    actions,
    ask,
    begin,
    confirm,
    enrol,
    said,
)
from tests.api.mailing import deliver
from tests.api.signing import PASSWORD, field_of, login, me, register
from tests.conftest import Client
from tests.mailbox import Mailbox

TOTP = "/auth/mfa/totp"


@pytest.fixture
async def rita(client: Client, move_clock: MoveClock) -> Enrolled:
    return await enrol(client(None), move_clock)


# ── set up ───────────────────────────────────────────────────────────────────────


async def test_is_on_once_the_app_has_shown_a_code(
    client: Client, move_clock: MoveClock
) -> None:
    browser = client(None)
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    app = await begin(browser, token, move_clock)
    state = (await ask(browser, token, "GET", "/auth/mfa")).json()
    assert state == {"enabled_at": None, "recovery_codes_left": 0}
    assert (await login(client(None))).status_code == 200
    answer = await confirm(browser, token, app.code())
    assert answer.status_code == 200
    assert len(set(answer.json()["recovery_codes"])) == 10
    state = (await ask(browser, token, "GET", "/auth/mfa")).json()
    assert state["enabled_at"] is not None
    assert state["recovery_codes_left"] == 10
    assert (await me(browser, token)).json()["mfa_enabled"] is True


async def test_a_wrong_first_code_leaves_it_off(
    client: Client, move_clock: MoveClock
) -> None:
    browser = client(None)
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    app = await begin(browser, token, move_clock)
    answer = await confirm(browser, token, app.wrong_code())
    assert field_of(answer) == (422, "/code", "wrong")
    assert (await login(client(None))).status_code == 200
    assert (await confirm(browser, token, app.code())).status_code == 200


async def test_the_second_secret_takes_the_place_of_the_first(
    client: Client, move_clock: MoveClock, owner: AsyncSession
) -> None:
    browser = client(None)
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    first, second = [await begin(browser, token, move_clock) for _ in range(2)]
    assert field_of(await confirm(browser, token, first.code()))[0] == 422
    assert (await confirm(browser, token, second.code())).status_code == 200
    count = select(func.count()).select_from(Authenticator)
    assert await owner.scalar(count) == 1


async def test_a_secret_that_is_in_use_is_not_replaced(rita: Enrolled) -> None:
    assert said(await rita.ask("POST", TOTP)) == (409, "mfa-is-on")
    again = await confirm(rita.browser, rita.token, await rita.app.next())
    assert said(again) == (409, "mfa-is-off")


async def test_of_two_first_codes_together_one_turns_it_on(
    client: Client, move_clock: MoveClock, owner: AsyncSession
) -> None:
    browser = client(None)
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    app = await begin(browser, token, move_clock)
    both = (confirm(browser, token, app.code()) for _ in range(2))
    statuses = [answer.status_code for answer in await asyncio.gather(*both)]
    assert sorted(statuses) == [200, 409]
    assert (await actions(owner)).count("mfa.turn_on") == 1


async def test_without_it_there_is_nothing_to_confirm_renew_or_turn_off(
    client: Client,
) -> None:
    browser = client(None)
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    for method, path in (("POST", "/auth/mfa/recovery-codes"), ("DELETE", TOTP)):
        answer = await ask(browser, token, method, path)
        assert said(answer) == (409, "mfa-is-off")
    assert said(await confirm(browser, token, "000000")) == (409, "mfa-is-off")


# ── turned off, and lost ─────────────────────────────────────────────────────────


async def test_turned_off_the_password_is_enough_and_nothing_is_kept(
    client: Client, rita: Enrolled, owner: AsyncSession
) -> None:
    assert (await rita.ask("DELETE", TOTP)).status_code == 204
    assert (await login(client(None))).status_code == 200
    for model in (Authenticator, RecoveryCode):
        assert await owner.scalar(select(func.count()).select_from(model)) == 0
    assert await actions(owner) == ["mfa.enrol", "mfa.turn_on", "mfa.turn_off"]
    assert (await me(rita.browser, rita.token)).json()["mfa_enabled"] is False


async def test_who_lost_the_app_sets_up_another_with_a_recovery_code(
    client: Client, rita: Enrolled, move_clock: MoveClock
) -> None:
    browser = client(None)
    signed_in = await login(browser, code=rita.recovery_codes[0])
    token = signed_in.json()["access_token"]
    assert (await ask(browser, token, "DELETE", TOTP)).status_code == 204
    new = await begin(browser, token, move_clock)
    assert (await confirm(browser, token, new.code())).status_code == 200
    lost = await login(client(None), code=await rita.app.next())
    assert said(lost) == (401, "wrong-code")
    assert said(await login(client(None), code=rita.recovery_codes[1])) == (
        401,
        "wrong-code",
    )
    moved = App(new.secret, move_clock, steps=rita.app.steps)
    assert (await login(client(None), code=await moved.next())).status_code == 200


# ── short passwords ──────────────────────────────────────────────────────────────


async def test_a_short_password_is_accepted_beside_a_second_factor_and_not_alone(
    client: Client, rita: Enrolled
) -> None:
    def change(current: str, new: str) -> dict[str, str]:
        return {"current_password": current, "new_password": new}

    path = "/auth/change-password"
    tiny = await rita.ask("POST", path, change(PASSWORD, "7 chars"))
    assert field_of(tiny) == (422, "/new_password", "weak")
    short = await rita.ask("POST", path, change(PASSWORD, "8 charac"))
    assert short.status_code == 204
    assert said(await rita.ask("DELETE", TOTP)) == (409, "password-needs-mfa")
    assert said(await login(client(None), password="8 charac")) == (
        401,
        "mfa-required",
    )
    long = await rita.ask("POST", path, change("8 charac", PASSWORD))
    assert long.status_code == 204
    assert (await rita.ask("DELETE", TOTP)).status_code == 204
    alone = await rita.ask("POST", path, change(PASSWORD, "8 charac"))
    assert field_of(alone) == (422, "/new_password", "weak")


# ── told ─────────────────────────────────────────────────────────────────────────


async def test_its_user_is_mailed_whatever_is_done(
    client: Client,
    rita: Enrolled,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
) -> None:
    await login(client(None), code=rita.recovery_codes[0])
    await rita.ask("DELETE", TOTP)
    before = len(mailbox.mails())
    await deliver(database, configured)
    for subject in (
        "Multi-factor sign-in was turned on",
        "Multi-factor sign-in was turned off",
        "A recovery code was used",
    ):
        mail = await mailbox.arrival(RITA, subject=subject, after=before)
        assert mail.link == f"{configured.public_url}/forgot-password"
