"""The list as the full-stack template for FastAPI has it, in our words: functions that
run in threads; SQLModel on psycopg; a JWT, the user by its id, a count, a page by its
offset, and a response model of five fields. It keeps tenants apart by its condition
alone, and limits nobody. Run by its own Python, without the product."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ValidationError
from sqlmodel import Field, Session, SQLModel, create_engine, desc, func, select

_SECRET = os.environ["PEER_SECRET"]
_ENGINE = create_engine(os.environ["PEER_DATABASE_URL"])
_BEARER = OAuth2PasswordBearer(tokenUrl="/login")

app = FastAPI()


class User(SQLModel, table=True):  # type: ignore[call-arg]  # it is not here
    __tablename__ = "users"

    id: UUID = Field(primary_key=True)
    email: str
    disabled_at: datetime | None


class _ItemBase(SQLModel):
    name: str
    enabled: bool


class Item(_ItemBase, table=True):  # type: ignore[call-arg]  # it is not here
    __tablename__ = "tasks"

    id: UUID = Field(primary_key=True)
    organization_id: UUID
    created_by: UUID | None
    created_at: datetime


class ItemPublic(_ItemBase):
    id: UUID
    created_by: UUID | None
    created_at: datetime


class ItemsPublic(SQLModel):
    data: list[ItemPublic]
    count: int


class Payload(BaseModel):
    """`organization` is whose items they are, as there it is the user."""

    sub: UUID
    organization: UUID


def get_db() -> Iterator[Session]:
    with Session(_ENGINE) as session:
        yield session


_Session = Annotated[Session, Depends(get_db)]


def get_payload(session: _Session, token: Annotated[str, Depends(_BEARER)]) -> Payload:
    try:
        payload = Payload(**jwt.decode(token, _SECRET, algorithms=["HS256"]))
    except (jwt.InvalidTokenError, ValidationError) as error:
        raise HTTPException(403) from error
    user = session.get(User, payload.sub)
    if user is None:
        raise HTTPException(404)
    if user.disabled_at is not None:
        raise HTTPException(400)
    return payload


@app.get("/tasks")
def read_items(
    session: _Session,
    payload: Annotated[Payload, Depends(get_payload)],
    skip: int = 0,
    limit: int = 50,
) -> ItemsPublic:
    mine = Item.organization_id == payload.organization
    count = session.exec(select(func.count()).select_from(Item).where(mine)).one()
    page = select(Item).where(mine).order_by(desc(Item.created_at))
    items = session.exec(page.offset(skip).limit(limit)).all()
    return ItemsPublic(data=[ItemPublic.model_validate(i) for i in items], count=count)
