"""One's own sessions: shown, ended one by one, and all at once."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

from httpx import AsyncClient, Response
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.user import UserSession
from app.services import sessions
from tests.api.signing import COOKIE, CSRF, login, me, refresh, register
from tests.conftest import Client
from tests.personae import People

SESSIONS = "/api/v1/auth/sessions"


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def signed_in(client: Client, agent: str) -> tuple[AsyncClient, str]:
    """Another browser of Rita's, and its access token."""
    browser = client(None)
    browser.headers["User-Agent"] = agent
    return browser, (await login(browser)).json()["access_token"]


async def listed(browser: AsyncClient, token: str) -> list[dict[str, Any]]:
    answer = await browser.get(SESSIONS, headers=bearing(token))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def end(browser: AsyncClient, token: str, id: str | UUID) -> Response:
    return await browser.delete(f"{SESSIONS}/{id}", headers=bearing(token))


async def test_shows_where_one_is_signed_in_and_which_one_this_is(
    client: Client,
) -> None:
    await register(client(None))
    laptop, token = await signed_in(client, "A laptop")
    await signed_in(client, "A phone")
    shown = await listed(laptop, token)
    agents = [one["user_agent"] for one in shown]
    assert agents[:2] == ["A phone", "A laptop"]
    assert [one["user_agent"] for one in shown if one["is_this_one"]] == ["A laptop"]
    assert set(shown[0]) == {
        *("id", "created_at", "refreshed_at", "expires_at"),
        *("user_agent", "address", "is_this_one"),
    }


async def test_pages_through_many(client: Client) -> None:
    await register(client(None))
    browser, token = await signed_in(client, "A laptop")
    first = await browser.get(f"{SESSIONS}?limit=1", headers=bearing(token))
    cursor = first.json()["next_cursor"]
    second = await browser.get(
        f"{SESSIONS}?limit=1&cursor={cursor}", headers=bearing(token)
    )
    assert first.json()["items"] != second.json()["items"]
    assert second.json()["next_cursor"] is None


async def test_a_session_that_is_ended_is_refused_at_once(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    laptop, token = await signed_in(client, "A laptop")
    phone, lost = await signed_in(client, "A phone")
    shown = await listed(laptop, token)
    id = next(one["id"] for one in shown if one["user_agent"] == "A phone")
    assert (await end(laptop, token, id)).status_code == 204
    assert (await me(phone, lost)).status_code == 401
    assert (await refresh(phone)).status_code == 401
    assert (await me(laptop, token)).status_code == 200
    assert id not in {one["id"] for one in await listed(laptop, token)}
    event = await owner.scalar(
        select(AuditEvent).where(AuditEvent.action == "session.end")
    )
    assert event is not None
    assert str(event.subject_id) == id


async def test_nobody_ends_the_session_of_another_nor_one_that_has_ended(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    laptop, token = await signed_in(client, "A laptop")
    await register(client(None), "mallory@example.com")
    mallory = client(None)
    hers = (await login(mallory, "mallory@example.com")).json()["access_token"]
    theirs = {one["id"] for one in await listed(laptop, token)}
    assert theirs.isdisjoint(one["id"] for one in await listed(mallory, hers))
    foreign, unknown = [await end(mallory, hers, id) for id in (theirs.pop(), uuid4())]
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.content == unknown.content
    assert (await owner.scalars(select(UserSession.revoked_reason))).all() == (
        [None] * 4
    )
    shown = await listed(laptop, token)
    other = next(one["id"] for one in shown if not one["is_this_one"])
    assert (await end(laptop, token, other)).status_code == 204
    assert (await end(laptop, token, other)).status_code == 404


async def test_a_session_that_ran_out_is_not_shown(
    client: Client, move_clock: Callable[[str], Awaitable[None]]
) -> None:
    await register(client(None))
    await move_clock("31 days")
    browser, token = await signed_in(client, "A laptop")
    assert len(await listed(browser, token)) == 1


async def test_signing_out_everywhere_ends_all_of_ones_own_and_no_others(
    client: Client, owner: AsyncSession
) -> None:
    await register(client(None))
    await register(client(None), "mallory@example.com")
    laptop, token = await signed_in(client, "A laptop")
    phone, other = await signed_in(client, "A phone")
    answer = await laptop.post("/api/v1/auth/logout-everywhere", headers=bearing(token))
    assert answer.status_code == 204
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert (await me(laptop, token)).status_code == 401
    assert (await me(phone, other)).status_code == 401
    assert (await refresh(phone)).status_code == 401
    rows = (await owner.execute(select(UserSession.revoked_reason))).scalars().all()
    assert sorted(map(str, rows)) == ["None", *["signed_out_everywhere"] * 3]
    detail = await owner.scalar(
        select(AuditEvent.detail).where(AuditEvent.action == "session.end_everywhere")
    )
    assert detail == {"ended": 3}


async def test_a_session_that_was_ended_ends_and_chooses_nothing(
    client: Client, owner: AsyncSession
) -> None:
    """Its access token has not run out yet."""
    made = await register(client(None))
    laptop, token = await signed_in(client, "A laptop")
    phone, other = await signed_in(client, "A phone")
    assert (await laptop.post("/api/v1/auth/logout", headers=CSRF)).status_code == 204
    for path, body in (
        ("logout-everywhere", None),
        ("switch", {"organization_id": made["organization"]["id"]}),
    ):
        answer = await laptop.post(
            f"/api/v1/auth/{path}", json=body, headers=bearing(token)
        )
        assert answer.status_code == 401, path
    assert (await me(phone, other)).status_code == 200


async def test_one_persons_sessions_are_ended_and_no_others(
    client: Client, people: People, database: Database
) -> None:
    """By the conditions alone: the owner's login sees everybody's."""
    async with database.unit_of_work(Login.OWNER) as session:
        ended = await sessions.end_all(session, people.alice.user_id, reason="test")
        left = select(UserSession.user_id).where(UserSession.revoked_at.is_(None))
        still = set(await session.scalars(left))
    assert ended == 1
    assert people.mallory.user_id in still
    assert people.alice.user_id not in still


async def test_without_a_session_nothing_is_shown_or_ended(client: Client) -> None:
    browser = client(None)
    assert (await browser.get(SESSIONS)).status_code == 401
    assert (await browser.delete(f"{SESSIONS}/{uuid4()}")).status_code == 401
    everywhere = await browser.post("/api/v1/auth/logout-everywhere")
    assert everywhere.status_code == 401


async def test_what_nobody_used_for_long_is_not_shown_and_cannot_be_ended(
    client: Client, configured: Settings, move_clock: Callable[[str], Awaitable[None]]
) -> None:
    await register(client(None))
    idle = configured.session_idle_hours
    laptop, token = await signed_in(client, "A laptop")
    phone, _ = await signed_in(client, "A phone")
    left_alone = (await listed(laptop, token))[0]
    assert left_alone["user_agent"] == "A phone"
    await move_clock(f"{idle - 1} hours")
    assert (await refresh(laptop)).status_code == 200
    await move_clock(f"{idle} hours 1 second")
    assert [one["user_agent"] for one in await listed(laptop, token)] == ["A laptop"]
    assert (await end(laptop, token, left_alone["id"])).status_code == 404
    assert (await refresh(phone)).status_code == 401
