"""The one trial of a person, which is one organization's for good: it is remembered by
the address, as an HMAC, also when the person is erased and comes again."""

from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.settings import Settings
from app.core.tokens import derive_token, hash_token
from app.models.user import SpentTrial, User


async def is_open(
    session: AsyncSession, settings: Settings, user_id: UUID, tenant: UUID
) -> bool:
    """Whether it is this organization's, or nobody's yet."""
    email, claimed = await _of(session, user_id)
    if claimed is not None:
        return claimed == tenant
    spent = select(exists().where(SpentTrial.key == _key(settings, email)))
    return not (await session.execute(spent)).scalar_one()


async def claim(
    session: AsyncSession, settings: Settings, user_id: UUID, tenant: UUID
) -> bool:
    """Whether it became this organization's just now; of two requests at once for two
    organizations one gets it."""
    if not await is_open(session, settings, user_id, tenant):
        return False
    mine = update(User).where(User.id == user_id, User.trial_organization_id.is_(None))
    mine = mine.values(trial_organization_id=tenant).returning(User.id)
    mine = mine.execution_options(synchronize_session=False)
    is_new = (await session.execute(mine)).one_or_none() is not None
    if is_new:
        email, _ = await _of(session, user_id)
        spent = insert(SpentTrial).values(key=_key(settings, email))
        await session.execute(spent.on_conflict_do_nothing())
    return is_new


async def _of(session: AsyncSession, user_id: UUID) -> tuple[str, UUID | None]:
    mine = select(User.email, User.trial_organization_id).where(User.id == user_id)
    email, claimed = (await session.execute(mine)).one()
    return email, claimed


def _key(settings: Settings, email: str) -> bytes:
    return hash_token(derive_token(settings, "trial", email.lower()))
