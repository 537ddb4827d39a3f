"""The second factor at a sign-in: asked for, used once, not guessed."""

import asyncio

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.settings import Settings
from app.models.second_factor import Authenticator, RecoveryCode
from app.models.user import User, UserSession
from tests.api.authenticating import (
    RITA,
    Enrolled,
    MoveClock,
    actions,
    begin,
    confirm,
    enrol,
    said,
)
from tests.api.mailing import deliver
from tests.api.signing import login, me, register
from tests.conftest import Client
from tests.locks import until_it_waits
from tests.mailbox import Mailbox


@pytest.fixture
async def rita(client: Client, move_clock: MoveClock) -> Enrolled:
    return await enrol(client(None), move_clock)


async def sessions(owner: AsyncSession) -> int:
    return await owner.scalar(select(func.count()).select_from(UserSession)) or 0


async def test_the_password_alone_signs_nobody_in(
    client: Client, rita: Enrolled, owner: AsyncSession
) -> None:
    before = await sessions(owner)
    answer = await login(client(None))
    assert said(answer) == (401, "mfa-required")
    assert answer.json()["errors"] == []
    assert "set-cookie" not in answer.headers
    assert await sessions(owner) == before
    right = await login(client(None), code=await rita.app.next())
    assert right.status_code == 200
    assert (await me(client(None), right.json()["access_token"])).status_code == 200


async def test_a_wrong_code_signs_nobody_in_and_is_recorded(
    client: Client, rita: Enrolled, owner: AsyncSession
) -> None:
    before = await sessions(owner)
    for wrong in (rita.app.wrong_code(), "abcd-efgh-ijkl-mnop", "0000000"):
        assert said(await login(client(None), code=wrong)) == (401, "wrong-code")
    assert await sessions(owner) == before
    assert (await actions(owner)).count("mfa.refuse_code") == 3


async def test_a_wrong_password_does_not_tell_whether_there_is_a_second_factor(
    client: Client, rita: Enrolled
) -> None:
    await register(client(None), "bert@example.com")
    code = await rita.app.next()
    answers = [
        await login(client(None), address, "not my password", sent)
        for address in (RITA, "bert@example.com", "nobody@example.com")
        for sent in (None, code, "000000")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    # Nor is a code used up or counted by it.
    assert (await login(client(None), code=code)).status_code == 200


async def test_who_has_none_signs_in_whatever_code_is_sent(client: Client) -> None:
    await register(client(None))
    assert (await login(client(None), code="000000")).status_code == 200


async def set_by_mail(
    client: Client, database: Database, configured: Settings, mailbox: Mailbox
) -> str:
    """Rita's new password, set by a mailed link."""
    await client(None).post("/api/v1/auth/forgot-password", json={"email": RITA})
    before = len(mailbox.mails())
    await deliver(database, configured)
    mail = await mailbox.arrival(RITA, subject="Set a new password", after=before)
    new = "a walk across the bridge"
    wanted = {"token": mail.token, "password": new}
    answer = await client(None).post("/api/v1/auth/reset-password", json=wanted)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "set-cookie" not in answer.headers
    return new


async def test_a_password_set_by_mail_turns_nothing_off_and_signs_nobody_in(
    client: Client,
    rita: Enrolled,
    owner: AsyncSession,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
) -> None:
    await owner.execute(update(User).values(email_verified_at=func.app_now()))
    await owner.commit()
    new = await set_by_mail(client, database, configured, mailbox)
    assert said(await login(client(None), password=new)) == (401, "mfa-required")
    code = await rita.app.next()
    assert (await login(client(None), password=new, code=code)).status_code == 200


@pytest.mark.usefixtures("rita")
async def test_who_proves_the_address_is_not_locked_out_by_whoever_registered_it(
    client: Client,
    owner: AsyncSession,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
) -> None:
    new = await set_by_mail(client, database, configured, mailbox)
    signed_in = await login(client(None), password=new)
    assert signed_in.status_code == 200
    user = (await me(client(None), signed_in.json()["access_token"])).json()["user"]
    assert user["email_verified_at"] is not None
    for rows in (Authenticator, RecoveryCode):
        assert await owner.scalar(select(func.count()).select_from(rows)) == 0


async def test_a_sign_in_that_began_before_it_was_on_does_not_pass_without_it(
    client: Client, move_clock: MoveClock, owner: AsyncSession, database: Database
) -> None:
    await register(client(None))
    await owner.execute(update(User).values(mfa_enabled_at=func.app_now()))
    late = asyncio.create_task(login(client(None)))
    await until_it_waits(database, late)
    await owner.commit()
    assert said(await late) == (401, "invalid-credentials")


# ── used once ────────────────────────────────────────────────────────────────────


async def test_a_code_works_once_and_none_before_it_any_more(
    client: Client, rita: Enrolled
) -> None:
    older = rita.app.code()
    await rita.app.next()
    code = await rita.app.next()
    assert (await login(client(None), code=code)).status_code == 200
    assert said(await login(client(None), code=code)) == (401, "wrong-code")
    before = rita.app.code(late=1)  # nobody used it, and it is still in the window
    assert said(await login(client(None), code=before)) == (401, "wrong-code")
    assert said(await login(client(None), code=older)) == (401, "wrong-code")
    assert (await login(client(None), code=await rita.app.next())).status_code == 200


async def test_a_code_may_be_written_in_groups_as_apps_show_it(
    client: Client, rita: Enrolled
) -> None:
    code = await rita.app.next()
    grouped = f"{code[:3]} {code[3:]}"
    assert (await login(client(None), code=grouped)).status_code == 200
    assert said(await login(client(None), code=code)) == (401, "wrong-code")


async def test_the_first_code_does_not_sign_in_as_well(
    client: Client, move_clock: MoveClock
) -> None:
    browser = client(None)
    await register(browser)
    token = (await login(browser)).json()["access_token"]
    app = await begin(browser, token, move_clock)
    code = app.code()
    assert (await confirm(browser, token, code)).status_code == 200
    assert said(await login(client(None), code=code)) == (401, "wrong-code")


async def test_of_sign_ins_together_with_one_code_one_succeeds(
    client: Client, rita: Enrolled, owner: AsyncSession
) -> None:
    before = await sessions(owner)
    code = await rita.app.next()
    together = (login(client(None), code=code) for _ in range(4))
    statuses = [answer.status_code for answer in await asyncio.gather(*together)]
    assert sorted(statuses) == [200, 401, 401, 401]
    assert await sessions(owner) == before + 1


async def test_a_recovery_code_works_once_however_it_is_written(
    client: Client, rita: Enrolled, owner: AsyncSession
) -> None:
    first, second = rita.recovery_codes[:2]
    together = (login(client(None), code=first) for _ in range(3))
    statuses = [answer.status_code for answer in await asyncio.gather(*together)]
    assert sorted(statuses) == [200, 401, 401]
    plain = second.replace("-", " ").upper()
    assert (await login(client(None), code=plain)).status_code == 200
    state = (await rita.ask("GET", "/auth/mfa")).json()
    assert state["recovery_codes_left"] == 8
    assert (await actions(owner)).count("mfa.use_recovery_code") == 2


async def test_a_recovery_code_is_its_users_alone(
    client: Client, rita: Enrolled, move_clock: MoveClock
) -> None:
    browser = client(None)
    await register(browser, "bert@example.com")
    token = (await login(browser, "bert@example.com")).json()["access_token"]
    app = await begin(browser, token, move_clock)
    assert (await confirm(browser, token, app.code())).status_code == 200
    stolen = await login(client(None), "bert@example.com", code=rita.recovery_codes[0])
    assert said(stolen) == (401, "wrong-code")


async def test_new_recovery_codes_end_the_old_ones(
    client: Client, rita: Enrolled
) -> None:
    answer = await rita.ask("POST", "/auth/mfa/recovery-codes")
    assert answer.status_code == 200
    new = answer.json()["recovery_codes"]
    assert len(set(new)) == 10
    assert not set(new) & set(rita.recovery_codes)
    dead = await login(client(None), code=rita.recovery_codes[0])
    assert said(dead) == (401, "wrong-code")
    assert (await login(client(None), code=new[0])).status_code == 200


# ── not guessed ──────────────────────────────────────────────────────────────────


async def test_guessing_is_slowed_and_nobody_is_signed_out(
    client: Client, rita: Enrolled, move_clock: MoveClock, owner: AsyncSession
) -> None:
    for _ in range(5):
        wrong = await login(client(None), code=rita.app.wrong_code())
        assert said(wrong) == (401, "wrong-code")
    for code in (rita.app.wrong_code(), await rita.app.next(), rita.recovery_codes[0]):
        slowed = await login(client(None), code=code)
        assert said(slowed) == (429, "too-many-codes")
    assert (await me(rita.browser, rita.token)).status_code == 200
    assert (await actions(owner)).count("mfa.refuse_code") == 5
    rita.app.steps = 11  # more than five minutes
    await move_clock("330 seconds")
    assert (await login(client(None), code=rita.app.code())).status_code == 200
    # Who was right begins anew.
    wrong = await login(client(None), code=rita.app.wrong_code())
    assert said(wrong) == (401, "wrong-code")


async def test_a_wrong_code_after_the_pause_makes_the_next_one_longer(
    client: Client, rita: Enrolled
) -> None:
    for _ in range(5):
        await login(client(None), code=rita.app.wrong_code())
    rita.app.steps = 10
    wrong = await login(client(None), code=await rita.app.next())
    assert wrong.status_code == 200
    for _ in range(5):
        await login(client(None), code=rita.app.wrong_code())
    rita.app.steps += 10
    await rita.app.next()
    wrong = await login(client(None), code=rita.app.wrong_code())
    assert said(wrong) == (401, "wrong-code")
    rita.app.steps += 10
    slowed = await login(client(None), code=await rita.app.next())
    assert said(slowed) == (429, "too-many-codes")
    rita.app.steps += 10
    assert (await login(client(None), code=await rita.app.next())).status_code == 200


async def test_guesses_together_are_counted_one_by_one(
    client: Client, rita: Enrolled
) -> None:
    guess = rita.app.wrong_code()
    together = (login(client(None), code=guess) for _ in range(9))
    statuses = [answer.status_code for answer in await asyncio.gather(*together)]
    assert sorted(statuses) == [401] * 5 + [429] * 4
