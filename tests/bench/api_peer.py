"""The list as the well-known template for FastAPI has it, in our words: the JWT, the
user by its id, a count, a page of 50, and a response model of five fields, through
SQLAlchemy's ORM. It keeps tenants apart by its condition alone, and limits nobody."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from app.core.settings import settings
from app.core.tokens import AccessClaims, read_access_token
from app.models.task import Task
from app.models.user import User

_CONFIGURED = settings()
assert _CONFIGURED.database_owner_url is not None
# Its owner's login, which needs no settings of a tenant.
_ENGINE = create_async_engine(
    _CONFIGURED.database_owner_url.get_secret_value(),
    pool_size=_CONFIGURED.database_pool_size,
    max_overflow=0,
    pool_pre_ping=True,
)
_BEARER = OAuth2PasswordBearer(tokenUrl="/login")

app = FastAPI()


class _Item(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    enabled: bool
    created_by: UUID | None
    created_at: datetime


class _Items(BaseModel):
    data: list[_Item]
    count: int


async def _session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(_ENGINE) as session:
        yield session


_Session = Annotated[AsyncSession, Depends(_session)]


async def _user(
    session: _Session, token: Annotated[str, Depends(_BEARER)]
) -> AccessClaims:
    claims = read_access_token(_CONFIGURED, token)
    user = await session.get(User, claims.user_id)
    if user is None or user.disabled_at is not None:
        raise HTTPException(404)
    return claims


@app.get("/tasks")
async def read_tasks(
    session: _Session,
    user: Annotated[AccessClaims, Depends(_user)],
    skip: int = 0,
    limit: int = 50,
) -> _Items:
    """A count, and a page by its offset."""
    mine = Task.organization_id == user.organization_id
    count = await session.scalar(select(func.count()).select_from(Task).where(mine))
    page = select(Task).where(mine).order_by(Task.created_at.desc(), Task.id.desc())
    rows = (await session.scalars(page.offset(skip).limit(limit))).all()
    return _Items(data=[_Item.model_validate(row) for row in rows], count=count or 0)
