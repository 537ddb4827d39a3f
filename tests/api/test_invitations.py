"""Invitations: offered by who may, to an address; accepted by who reads its mails."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.core.settings import Settings
from app.models.organization import Invitation, Member
from app.models.outbox import OutboxMessage
from app.models.user import User
from app.services import invitations
from tests.api.authenticating import begin, confirm
from tests.api.mailing import deliver
from tests.api.signing import PASSWORD, field_of, login, me, register
from tests.conftest import Client
from tests.mailbox import Mail, Mailbox
from tests.personae import People

NORMA = "norma@example.com"
INVITATIONS = "/api/v1/invitations"
MEMBERS = "/api/v1/members"
ACCOUNT = {"name": "Norma Lind", "password": PASSWORD}
MoveClock = Callable[[str], Awaitable[None]]
Invite = Callable[..., Awaitable[Mail]]


async def invite(client: Client, people: People, **changes: Any) -> Response:
    wanted = {"email": NORMA, "role": "member", **changes}
    return await client(people.alice).post(INVITATIONS, json=wanted)


async def accept(client: Client, token: str, **about: str) -> Response:
    wanted = {"token": token, **about}
    return await client(None).post("/api/v1/auth/accept-invitation", json=wanted)


async def look(client: Client, token: str) -> Response:
    return await client(None).post(
        "/api/v1/auth/read-invitation", json={"token": token}
    )


async def statuses(client: Client, people: People) -> list[str]:
    answer = await client(people.alice).get(INVITATIONS)
    return [one["status"] for one in answer.json()["items"]]


@pytest.fixture
def invited(
    client: Client,
    people: People,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
) -> Invite:
    """Alice invites, and the mail comes."""

    async def make(**changes: Any) -> Mail:
        answer = await invite(client, people, **changes)
        assert answer.status_code == 201, answer.text
        assert answer.json()["link"] is None
        before = len(mailbox.mails())
        await deliver(database, configured)
        return await mailbox.arrival(
            answer.json()["email"], subject="You are invited to Cloudrota", after=before
        )

    return make


async def test_who_has_no_account_joins_with_a_new_one(
    client: Client, people: People, invited: Invite, configured: Settings
) -> None:
    mail = await invited(role="viewer", label_scope={"client": ["north"]})
    assert mail.link.startswith(f"{configured.public_url}/accept-invitation#token=")
    assert "alice@example.com" in mail.text
    offer = (await look(client, mail.token)).json()
    assert offer["asks_for"] == ["name", "password"]
    assert (offer["email"], offer["role"]) == (NORMA, "viewer")
    assert offer["organization_name"] == "Acme"
    answer = await accept(client, mail.token, **ACCOUNT)
    assert answer.status_code == 204, answer.text
    browser = client(None)
    signed_in = await login(browser, NORMA)
    shown = (await me(browser, signed_in.json()["access_token"])).json()
    assert shown["organization"]["id"] == str(people.alice.organization_id)
    assert (shown["role"], shown["label_scope"]) == ("viewer", {"client": ["north"]})
    assert shown["user"]["email_verified_at"] is not None
    assert await statuses(client, people) == ["accepted"]


async def test_who_joins_with_a_new_account_may_say_its_time_zone(
    client: Client, invited: Invite
) -> None:
    mail = await invited()
    answer = await accept(client, mail.token, **ACCOUNT, timezone="Europe/Berln")
    assert field_of(answer) == (422, "/timezone", "unknown_timezone")
    answer = await accept(client, mail.token, **ACCOUNT, timezone="Europe/Berlin")
    assert answer.status_code == 204, answer.text
    browser = client(None)
    token = (await login(browser, NORMA)).json()["access_token"]
    assert (await me(browser, token)).json()["user"]["timezone"] == "Europe/Berlin"


async def test_who_has_a_verified_account_keeps_it(
    client: Client, people: People, invited: Invite, owner: AsyncSession
) -> None:
    await register(client(None), NORMA)
    await owner.execute(
        update(User).where(User.email == NORMA).values(email_verified_at=func.now())
    )
    await owner.commit()
    mail = await invited()
    assert (await look(client, mail.token)).json()["asks_for"] == []
    given = await accept(client, mail.token, password="another password here")
    assert field_of(given) == (422, "/password", "unexpected")
    given = await accept(client, mail.token, timezone="Asia/Tokyo")
    assert field_of(given) == (422, "/timezone", "unexpected")
    assert (await accept(client, mail.token)).status_code == 204
    browser = client(None)
    token = (await login(browser, NORMA)).json()["access_token"]
    places = (await me(browser, token)).json()["memberships"]
    assert str(people.alice.organization_id) in {p["organization_id"] for p in places}


async def test_who_registered_anothers_address_first_gains_nothing(
    client: Client, people: People, invited: Invite, move_clock: MoveClock
) -> None:
    """Its account was never verified: the one who reads the mails takes it over."""
    squatter = client(None)
    await register(squatter, NORMA)
    stolen = (await login(squatter, NORMA)).json()["access_token"]
    app = await begin(squatter, stolen, move_clock)
    assert (await confirm(squatter, stolen, app.code())).status_code == 200
    mail = await invited()
    assert (await look(client, mail.token)).json()["asks_for"] == ["password"]
    answer = await accept(client, mail.token)
    assert field_of(answer) == (422, "/password", "required")
    new = "a walk across the bridge"
    assert (await accept(client, mail.token, password=new)).status_code == 204
    assert (await me(squatter, stolen)).status_code == 401
    assert (await login(client(None), NORMA)).status_code == 401
    assert (await login(client(None), NORMA, new)).status_code == 200


async def test_a_link_is_accepted_once(
    client: Client, people: People, invited: Invite, owner: AsyncSession
) -> None:
    mail = await invited()
    both = (accept(client, mail.token, **ACCOUNT) for _ in range(2))
    codes = [answer.status_code for answer in await asyncio.gather(*both)]
    assert codes.count(204) == 1
    again = await accept(client, mail.token, **ACCOUNT)
    assert field_of(again) == (422, "/token", "unusable")
    joined = select(func.count()).select_from(Member).join(User)
    assert await owner.scalar(joined.where(User.email == NORMA)) == 1


async def test_a_weak_password_leaves_the_link_as_it_was(
    client: Client, invited: Invite
) -> None:
    mail = await invited()
    weak = await accept(client, mail.token, name="Norma", password="short")
    assert field_of(weak) == (422, "/password", "weak")
    own = await accept(client, mail.token, name="Norma", password="norma walks along")
    assert field_of(own) == (422, "/password", "weak")
    assert (await accept(client, mail.token, **ACCOUNT)).status_code == 204


async def test_a_link_dies_after_a_week(
    client: Client, people: People, invited: Invite, move_clock: MoveClock
) -> None:
    mail = await invited()
    await move_clock("7 days")
    for answer in (
        await look(client, mail.token),
        await accept(client, mail.token, **ACCOUNT),
    ):
        assert field_of(answer) == (422, "/token", "unusable")


async def test_inviting_again_withdraws_the_earlier_link(
    client: Client, people: People, invited: Invite
) -> None:
    first, second = await invited(), await invited(role="viewer")
    assert field_of(await look(client, first.token)) == (422, "/token", "unusable")
    assert (await look(client, second.token)).json()["role"] == "viewer"
    assert await statuses(client, people) == ["open", "withdrawn"]


async def test_an_open_invitation_is_withdrawn(
    client: Client, people: People, invited: Invite
) -> None:
    mail = await invited()
    listed = (await client(people.alice).get(INVITATIONS)).json()["items"]
    url = f"{INVITATIONS}/{listed[0]['id']}"
    assert (await client(people.alice).delete(url)).status_code == 204
    answer = await accept(client, mail.token, **ACCOUNT)
    assert field_of(answer) == (422, "/token", "unusable")
    assert (await client(people.alice).delete(url)).status_code == 404


@pytest.mark.parametrize("change", ["removed", "demoted"])
async def test_an_invitation_is_worth_what_its_inviter_may_still_give(
    change: str, client: Client, people: People, invited: Invite, owner: AsyncSession
) -> None:
    mail = await invited(role="admin")
    values: dict[str, dict[str, Any]] = {
        "removed": {"removed_at": func.now()},
        "demoted": {"role": "member"},
    }
    alice = update(Member).where(Member.user_id == people.alice.user_id)
    await owner.execute(alice.values(**values[change]))
    await owner.commit()
    answer = await accept(client, mail.token, **ACCOUNT)
    assert field_of(answer) == (422, "/token", "unusable")


async def test_nobody_invites_above_themselves(client: Client, people: People) -> None:
    wanted = {"email": NORMA, "role": "owner"}
    answer = await client(people.adam).post(INVITATIONS, json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


async def test_who_is_a_member_is_not_invited(client: Client, people: People) -> None:
    answer = await invite(client, people, email="Olga@example.com")
    assert field_of(answer) == (422, "/email", "member")


async def test_whose_time_has_ended_can_be_invited_again(
    client: Client, people: People, invited: Invite, owner: AsyncSession
) -> None:
    olga = update(Member).where(Member.user_id == people.olga.user_id)
    await owner.execute(olga.values(expires_at=func.now()))
    await owner.commit()
    assert (await client(people.olga).get("/api/v1/auth/me")).status_code == 401
    mail = await invited(email="olga@example.com")
    assert (await accept(client, mail.token)).status_code == 204
    assert (await client(people.olga).get("/api/v1/auth/me")).status_code == 200


async def test_an_owner_is_invited_without_limits(
    client: Client, people: People
) -> None:
    limits = {"label_scope": {"client": ["north"]}}
    ends = {"member_expires_at": "2100-01-01T00:00:00Z"}
    answer = await invite(client, people, role="owner", **limits, **ends)
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/label_scope",
        "/member_expires_at",
    }
    past = await invite(client, people, member_expires_at="2020-01-01T00:00:00Z")
    assert field_of(past) == (422, "/member_expires_at", "past")


async def test_who_has_not_verified_its_address_invites_nobody(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = update(User).where(User.id == people.alice.user_id)
    await owner.execute(alice.values(email_verified_at=None))
    await owner.commit()
    answer = await invite(client, people)
    assert (answer.status_code, answer.json()["code"]) == (403, "email-not-verified")


async def test_an_organization_invites_so_many_a_day(
    client: Client,
    people: People,
    owner: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(invitations, "MOST_A_DAY", 2)
    for name in ("a", "b"):
        answer = await invite(client, people, email=f"{name}@example.com")
        assert answer.status_code == 201
    assert (await invite(client, people)).status_code == 429
    a_day_ago = func.now() - timedelta(days=1)
    await owner.execute(update(Invitation).values(created_at=a_day_ago))
    await owner.commit()
    assert (await invite(client, people)).status_code == 201


async def test_without_mail_the_link_is_handed_over(
    client: Client,
    people: People,
    app: FastAPI,
    configured: Settings,
    owner: AsyncSession,
) -> None:
    app.state.settings = configured.model_copy(update={"smtp_url": None})
    link = (await invite(client, people)).json()["link"]
    token = link.partition("#token=")[2]
    assert (await accept(client, token, **ACCOUNT)).status_code == 204
    assert "mail.invitation" not in await owner.scalars(select(OutboxMessage.kind))


async def test_a_withdrawn_invitation_is_not_mailed(
    client: Client,
    people: People,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
) -> None:
    made = (await invite(client, people)).json()
    await client(people.alice).delete(f"{INVITATIONS}/{made['id']}")
    before = len(mailbox.mails())
    await deliver(database, configured)
    assert len(mailbox.mails()) == before


async def test_of_two_invitations_together_one_is_open(
    client: Client, people: People, owner: AsyncSession
) -> None:
    answers = await asyncio.gather(*(invite(client, people) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [201] * 3
    is_open = Invitation.withdrawn_at.is_(None)
    assert len((await owner.scalars(select(Invitation.id).where(is_open))).all()) == 1
