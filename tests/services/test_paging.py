"""A page is found before anything is joined to it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

from app.core.db import Database, Login
from app.services import executions, resources
from app.services.paging import Page
from tests.personae import People

_PAGES: dict[str, Callable[..., Awaitable[object]]] = {
    "task_executions": executions.page_of,
    "resources": partial(resources.page_of, filters=resources.Filters()),
}


@pytest.mark.parametrize("table", _PAGES)
async def test_what_is_joined_is_joined_to_the_page_alone(
    database: Database, people: People, table: str
) -> None:
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(" ".join(statement.split()))

    engine = database.engine(Login.APP).sync_engine
    event.listen(engine, "before_cursor_execute", note)
    whose = people.alice.organization_id
    async with database.unit_of_work(Login.APP, organization_id=whose) as session:
        await _PAGES[table](session, people.alice.actor, Page(3))
    (statement,) = [one for one in asked if f"FROM {table} " in one]
    page, _, joined = statement.partition(f"FROM {table} ")[2].partition(" JOIN ")
    assert "LIMIT" in page, statement
    assert joined
