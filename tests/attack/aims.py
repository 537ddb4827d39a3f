"""What must be there for an operation to succeed that chance never brings about: a
token that was mailed, an app's present code, an execution that was interrupted."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from pyotp import TOTP
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database, Login
from app.core.ids import new_id
from app.core.tokens import hash_token
from app.models.aws_account import AWSAccount
from app.models.notification import ChannelConfirmation, NotificationChannel
from app.models.organization import Invitation, Member, Organization
from app.models.run import Status, TaskResult
from app.models.task import Task
from app.models.user import EmailToken, EmailTokenPurpose
from app.services import channel_confirmations, invitations
from app.services.email_tokens import text_of
from app.tasks.publisher import RedisPublisher
from tests.attack.ground import Ground, Tenant
from tests.builders_runs import make_execution, make_run
from tests.personae import Persona

NEW_PASSWORD = "a walk across the old bridge"
_SOON = text("interval '10 minutes'")


@dataclass(frozen=True)
class Aimed:
    """Ids of the path, and members of the body, with which it succeeds."""

    ids: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    session: AsyncSession
    ground: Ground
    tenant: Tenant
    asks: Persona

    async def member_of(self, persona: Persona) -> str:
        found = select(Member.id).where(
            Member.organization_id == self.tenant.seen.organization_id,
            Member.user_id == persona.user_id,
        )
        return str((await self.session.scalars(found)).one())


Arrange = Callable[[Scene], Awaitable[Aimed]]


def _mailed(purpose: EmailTokenPurpose, **more: str) -> Arrange:
    async def arrange(scene: Scene) -> Aimed:
        id = new_id()
        token = text_of(scene.ground.settings, purpose, id)
        scene.session.add(
            EmailToken(
                id=id,
                user_id=scene.tenant.viewer.user_id,
                purpose=purpose,
                token_hash=hash_token(token),
                expires_at=func.app_now() + _SOON,
            )
        )
        return Aimed(body={"token": token, **more})

    return arrange


async def _an_invitation(scene: Scene) -> Aimed:
    """To an address that nobody has."""
    id = scene.tenant.seen.id_of("invitations")
    token = invitations.token_of(scene.ground.settings, id)
    await scene.session.execute(
        update(Invitation)
        .where(Invitation.id == id)
        .values(
            token_hash=hash_token(token),
            email=f"guest-{id.hex}@example.com",
            expires_at=func.app_now() + _SOON,
        )
    )
    return Aimed({"id": str(id)}, {"token": token})


async def _an_answer(scene: Scene) -> Aimed:
    offered = (await _an_invitation(scene)).body
    return Aimed(body={**offered, "name": "Guest", "password": NEW_PASSWORD})


async def _a_member(scene: Scene) -> Aimed:
    return Aimed({"id": await scene.member_of(scene.tenant.viewer)})


async def _a_confirmation(scene: Scene) -> Aimed:
    """Of an address that a channel has."""
    id, channel = new_id(), scene.tenant.seen.id_of("notification_channels")
    token = channel_confirmations.token_of(scene.ground.settings, id)
    address = f"desk-{id.hex}@example.com"
    configuration = {"type": "email", "to": "address", "address": address}
    await scene.session.execute(
        update(NotificationChannel)
        .where(NotificationChannel.id == channel)
        .values(configuration=configuration, deleted_at=None)
    )
    scene.session.add(
        ChannelConfirmation(
            id=id,
            organization_id=scene.tenant.seen.organization_id,
            channel_id=channel,
            address=address,
            asked_by=scene.tenant.viewer.user_id,
            token_hash=hash_token(token),
            expires_at=func.app_now() + _SOON,
        )
    )
    return Aimed(body={"token": token})


async def _another_role(scene: Scene) -> Aimed:
    return Aimed((await _a_member(scene)).ids, {"role": "member"})


async def _an_heir(scene: Scene) -> Aimed:
    return Aimed(body={"member_id": await scene.member_of(scene.tenant.admin)})


async def _its_name(scene: Scene) -> Aimed:
    id = scene.tenant.seen.organization_id
    name = await scene.session.scalar(
        select(Organization.name).where(Organization.id == id)
    )
    return Aimed(body={"name": name})


async def _a_deletion_to_come(scene: Scene) -> Aimed:
    await scene.session.execute(
        update(Organization)
        .where(Organization.id == scene.tenant.seen.organization_id)
        .values(deletion_due_at=func.app_now() + _SOON)
    )
    return Aimed()


async def _a_key(scene: Scene) -> Aimed:
    return Aimed({"id": str(scene.tenant.personal_key.actor.key_id)})


async def _a_file(scene: Scene) -> Aimed:
    return Aimed({"id": str(scene.tenant.seen.id_of("artifacts"))})


async def _a_connection(scene: Scene) -> Aimed:
    return Aimed({"id": str(scene.tenant.seen.id_of("aws_credentials"))})


async def _interrupted(scene: Scene) -> Aimed:
    execution = await _execution(scene, Status.INTERRUPTED)
    return Aimed({"id": str(execution)})


async def _ended(scene: Scene) -> Aimed:
    execution = await _execution(scene, Status.FAILED)
    result = delete(TaskResult).where(TaskResult.execution_id == execution)
    await scene.session.execute(result)
    return Aimed({"id": str(execution)})


async def _execution(scene: Scene, status: Status) -> UUID:
    task = await scene.session.get_one(Task, scene.tenant.seen.id_of("tasks"))
    account = await scene.session.get_one(
        AWSAccount, scene.tenant.seen.id_of("aws_accounts")
    )
    run = await make_run(scene.session, task)
    made = await make_execution(scene.session, task, account, run=run, status=status)
    return made.id


async def _an_authenticator(scene: Scene) -> Aimed:
    made = _ask(scene, "/api/v1/auth/mfa/totp", None)
    return Aimed(body={"code": TOTP(made["secret"]).now()})


async def _a_second_factor(scene: Scene) -> Aimed:
    code = (await _an_authenticator(scene)).body
    _ask(scene, "/api/v1/auth/mfa/totp/confirm", dict(code))
    return Aimed()


def _ask(scene: Scene, path: str, body: Any) -> Any:
    answer = httpx.post(
        f"{scene.ground.base_url}{path}",
        json=body,
        headers={"Authorization": f"Bearer {scene.asks.token}"},
        trust_env=False,
        timeout=20,
    )
    return answer.raise_for_status().json()


AIMS: Mapping[tuple[str, str], Arrange] = {
    ("POST", "/api/v1/auth/verify-email"): _mailed(EmailTokenPurpose.VERIFY_EMAIL),
    ("POST", "/api/v1/auth/reset-password"): _mailed(
        EmailTokenPurpose.RESET_PASSWORD, password=NEW_PASSWORD
    ),
    ("POST", "/api/v1/auth/read-invitation"): _an_invitation,
    ("POST", "/api/v1/auth/accept-invitation"): _an_answer,
    ("POST", "/api/v1/notification-channels/confirm"): _a_confirmation,
    ("POST", "/api/v1/auth/mfa/totp/confirm"): _an_authenticator,
    ("POST", "/api/v1/auth/mfa/recovery-codes"): _a_second_factor,
    ("DELETE", "/api/v1/auth/mfa/totp"): _a_second_factor,
    ("DELETE", "/api/v1/invitations/{id}"): _an_invitation,
    ("PATCH", "/api/v1/members/{id}"): _another_role,
    ("DELETE", "/api/v1/members/{id}"): _a_member,
    ("POST", "/api/v1/organization/transfer"): _an_heir,
    ("POST", "/api/v1/organization/deletion"): _its_name,
    ("DELETE", "/api/v1/organization/deletion"): _a_deletion_to_come,
    ("GET", "/api/v1/api-keys/{id}"): _a_key,
    ("DELETE", "/api/v1/api-keys/{id}"): _a_key,
    ("GET", "/api/v1/artifacts/{id}/content"): _a_file,
    ("POST", "/api/v1/aws-credentials/{id}/verify"): _a_connection,
    ("DELETE", "/api/v1/aws-credentials/{id}"): _a_connection,
    ("GET", "/api/v1/executions/{id}/evidence"): _ended,
    ("POST", "/api/v1/executions/{id}/resolve"): _interrupted,
}


def arrange(
    ground: Ground, tenant: Tenant, asks: Persona, operation: tuple[str, str]
) -> Aimed:
    """Have it there, for who asks next."""
    return asyncio.run(_arrange(ground, tenant, asks, AIMS[operation]))


async def _arrange(
    ground: Ground, tenant: Tenant, asks: Persona, aim: Arrange
) -> Aimed:
    publisher = RedisPublisher(ground.settings)
    database = Database(ground.settings, publisher)
    try:
        async with database.unit_of_work(Login.OWNER) as session:
            return await aim(Scene(session, ground, tenant, asks))
    finally:
        await database.close()
        await publisher.close()
