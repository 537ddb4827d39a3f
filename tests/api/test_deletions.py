"""Having an organization deleted, and oneself."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.clock import now
from app.core.db import Database
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.organization import Member
from app.models.user import UserSession
from app.services.deletions import GRACE
from tests.api.mailing import deliver
from tests.api.signing import field_of, login, me, register
from tests.conftest import Client
from tests.mailbox import Mailbox
from tests.personae import People

DELETION = "/api/v1/organization/deletion"
ACCOUNT = "/api/v1/auth/delete-account"
RITA = "rita@example.com"


async def test_a_deletion_has_a_date_and_is_told_to_every_owner(
    client: Client,
    people: People,
    owner: AsyncSession,
    database: Database,
    configured: Settings,
    mailbox: Mailbox,
) -> None:
    adam = update(Member).where(Member.user_id == people.adam.user_id)
    await owner.execute(adam.values(role="owner"))
    await owner.commit()
    before = len(mailbox.mails())
    answer = await client(people.alice).post(DELETION, json={"name": "Acme"})
    assert answer.status_code == 202, answer.text
    due_at = answer.json()["deletion_due_at"]
    assert due_at[:10] == f"{now() + GRACE:%Y-%m-%d}"
    again = await client(people.adam).post(DELETION, json={"name": "Acme"})
    assert again.json()["deletion_due_at"] == due_at
    await deliver(database, configured)
    for address in ("alice@example.com", "adam@example.com"):
        mail = await mailbox.arrival(address, after=before)
        assert mail.subject == "Your organization will be deleted"
        assert f"{now() + GRACE:%d %B %Y}" in mail.text
    assert (await client(people.olga).get("/api/v1/tasks")).status_code == 200


async def test_another_name_deletes_nothing(client: Client, people: People) -> None:
    answer = await client(people.alice).post(DELETION, json={"name": "Evil"})
    assert field_of(answer) == (422, "/name", "differs")
    shown = (await client(people.alice).get("/api/v1/organization")).json()
    assert shown["deletion_due_at"] is None


async def test_a_deletion_is_taken_back(
    client: Client, people: People, owner: AsyncSession
) -> None:
    alice = client(people.alice)
    assert (await alice.delete(DELETION)).status_code == 409
    await alice.post(DELETION, json={"name": "Acme"})
    assert (await alice.delete(DELETION)).status_code == 204
    shown = (await alice.get("/api/v1/organization")).json()
    assert shown["deletion_due_at"] is None
    told = select(AuditEvent.action).where(
        AuditEvent.organization_id == people.alice.organization_id
    )
    assert list(await owner.scalars(told)) == [
        "organization.ask_deletion",
        "organization.keep",
    ]


async def test_who_deletes_itself_is_out_at_once(
    client: Client, people: People, owner: AsyncSession
) -> None:
    other = Member(
        organization_id=people.mallory.organization_id,
        user_id=people.olga.user_id,
        role="viewer",
    )
    owner.add(other)
    await owner.commit()
    olga = client(people.olga)
    wrong = await olga.post(ACCOUNT, json={"email": "olga@example.org"})
    assert field_of(wrong) == (422, "/email", "differs")
    answer = await olga.post(ACCOUNT, json={"email": "Olga@example.com"})
    assert answer.status_code == 204, answer.text
    assert (await olga.get("/api/v1/auth/me")).status_code == 401
    left = select(AuditEvent.organization_id).where(AuditEvent.action == "member.leave")
    assert set(await owner.scalars(left)) == {
        people.alice.organization_id,
        people.mallory.organization_id,
    }
    open_ones = select(UserSession.id).where(
        UserSession.user_id == people.olga.user_id, UserSession.revoked_at.is_(None)
    )
    assert (await owner.scalars(open_ones)).all() == []


async def test_the_only_owner_of_an_organization_stays(client: Client) -> None:
    await register(client(None))
    browser = client(None)
    token = (await login(browser)).json()["access_token"]
    answer = await browser.post(
        ACCOUNT, json={"email": RITA}, headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "last-owner")
    assert (await me(browser, token)).status_code == 200
    assert (await login(client(None))).status_code == 200
