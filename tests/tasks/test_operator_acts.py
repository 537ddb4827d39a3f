"""What an operator does to people's sign-in: at once, whole, and in the log of each
organization that it concerns."""

import os
import pwd
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.errors import MfaIsOff, NotFound
from app.core.ids import new_id
from app.core.permissions import Role
from app.core.settings import Settings
from app.models.audit import AuditEvent
from app.models.organization import Member
from app.models.second_factor import Authenticator, RecoveryCode
from app.models.user import User
from app.tasks.end_sessions import end_sessions
from app.tasks.forget_second_factor import forget_second_factor
from tests.api.authenticating import RITA, MoveClock, enrol
from tests.api.mailing import deliver
from tests.api.signing import login, me, refresh, register
from tests.conftest import Client
from tests.mailbox import Mailbox
from tests.personae import make_organization

OPERATOR = f"operator:{pwd.getpwuid(os.getuid()).pw_name}"
PROOF = "Called back on the number in the contract"


async def join(database: Database, user_id: str, organization_id: UUID) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        session.add(
            Member(
                organization_id=organization_id,
                user_id=UUID(user_id),
                role=Role.VIEWER,
            )
        )


async def another(database: Database) -> UUID:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_organization(session, "Another")


async def events(owner: AsyncSession, action: str) -> list[AuditEvent]:
    found = select(AuditEvent).where(
        AuditEvent.action == action, AuditEvent.actor == OPERATOR
    )
    return list(await owner.scalars(found.order_by(AuditEvent.organization_id)))


async def test_a_person_is_signed_out_everywhere_and_each_organization_reads_it(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    rita, bert = client(None), client(None)
    made = await register(rita)
    laptop = (await login(client(None))).json()["access_token"]
    beside = await register(bert, "bert@example.com")
    other = await another(database)
    await join(database, made["user"]["id"], other)
    ended = await end_sessions(database, person=" Rita@Example.com", organization=None)
    assert (ended.people, ended.sessions) == (1, 2)
    for token in (made["access_token"], laptop):
        assert (await me(client(None), token)).status_code == 401
    assert (await refresh(rita)).status_code == 401
    assert (await me(client(None), beside["access_token"])).status_code == 200
    told = await events(owner, "session.end_everywhere")
    homes = {UUID(made["organization"]["id"]), other}
    assert {one.organization_id for one in told} == homes
    assert [one.detail for one in told] == [{"ended": 2}] * 2
    assert (await login(client(None))).status_code == 200


async def test_all_members_of_an_organization_are_signed_out(
    client: Client, database: Database, owner: AsyncSession
) -> None:
    rita, bert, carl = [
        await register(client(None), f"{name}@example.com")
        for name in ("rita", "bert", "carl")
    ]
    home = UUID(rita["organization"]["id"])
    await join(database, bert["user"]["id"], home)
    ended = await end_sessions(database, person=None, organization=home)
    assert (ended.people, ended.sessions) == (2, 2)
    for who, status in ((rita, 401), (bert, 401), (carl, 200)):
        assert (await me(client(None), who["access_token"])).status_code == status
    (told,) = await events(owner, "organization.end_sessions")
    assert told.organization_id == told.subject_id == home
    assert told.detail == {"people": 2, "ended": 2}


async def test_who_is_not_there_is_said_so(
    database: Database, configured: Settings
) -> None:
    with pytest.raises(NotFound):
        await end_sessions(database, person="nobody@example.com", organization=None)
    with pytest.raises(NotFound):
        await end_sessions(database, person=None, organization=new_id())
    with pytest.raises(NotFound):
        await forget_second_factor(
            database, configured, "nobody@example.com", proof=PROOF
        )


async def test_who_lost_its_second_factor_signs_in_without_and_is_told(
    client: Client,
    database: Database,
    configured: Settings,
    owner: AsyncSession,
    mailbox: Mailbox,
    move_clock: MoveClock,
) -> None:
    rita = await enrol(client(None), move_clock)
    before = len(mailbox.mails())
    ended = await forget_second_factor(database, configured, RITA, proof=PROOF)
    assert ended.sessions == 2  # of before it was on, and with it
    assert (await me(client(None), rita.token)).status_code == 401
    assert (await login(client(None))).status_code == 200
    for model in (Authenticator, RecoveryCode):
        assert (await owner.scalars(select(model))).all() == []
    (told,) = await events(owner, "mfa.turn_off")
    assert told.detail == {"proof": PROOF, "ended": 2}
    await deliver(database, configured)
    assert len(mailbox.mails()) > before
    with pytest.raises(MfaIsOff):
        await forget_second_factor(database, configured, RITA, proof=PROOF)


async def test_a_password_that_needs_a_second_factor_is_gone_with_it(
    client: Client,
    database: Database,
    configured: Settings,
    owner: AsyncSession,
    move_clock: MoveClock,
) -> None:
    await enrol(client(None), move_clock)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(User).values(password_needs_mfa=True))
    await forget_second_factor(database, configured, RITA, proof=PROOF)
    user = (await owner.scalars(select(User).where(User.email == RITA))).one()
    assert (user.password_hash, user.password_needs_mfa) == (None, False)
    assert (await login(client(None))).status_code == 401
