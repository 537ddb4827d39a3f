"""Spools: what is written is what COPY reads, in bounded memory, and never too much."""

import pytest
from sqlalchemy import select

from app.aws.errors import AWSServiceLimitError
from app.aws.unit import Item
from app.core.db import Database, Login
from app.services import inventory
from app.services.staging import STAGED_ITEMS, Spool, SpoolFull, stage

ODD = 'a\\b\tc\nd\re "f" \\N \\. {g} ünï \U0001f600'


def item(id: str, *, name: str | None = None, size: int = 0) -> Item:
    return Item(
        type="sns:topic",
        id=id,
        arn=None,
        name=name,
        state=None,
        region="eu-central-1",
        document={"Name": name, "Odd": ODD, "Size": "x" * size},
        content_hash="0",
        tags={ODD: ODD},
    )


async def test_texts_come_through_as_they_are(database: Database) -> None:
    names = [None, "", "\\N", ODD]
    async with database.unit_of_work(Login.OWNER) as session:
        with inventory.spool() as spool:
            spool.add(item(f"t{n}", name=name) for n, name in enumerate(names))
            await stage(session, spool)
        staged = STAGED_ITEMS.c
        found = (
            await session.execute(
                select(staged.name, staged.document, staged.tags, staged.arn).order_by(
                    staged.identity
                )
            )
        ).all()
    assert [row.name for row in found] == names
    assert {row.document["Odd"] for row in found} == {ODD}
    assert [row.tags for row in found] == [{ODD: ODD}] * len(names)
    assert {row.arn for row in found} == {None}


async def test_a_spool_may_be_larger_than_what_stays_in_memory(
    database: Database,
) -> None:
    async with database.unit_of_work(Login.OWNER) as session:
        with inventory.spool() as spool:
            for number in range(60):
                spool.add([item(f"t{number}", size=100_000)])
            await stage(session, spool)
        names = await session.scalars(select(STAGED_ITEMS.c.identity))
    assert spool.rows == 60
    assert len(set(names)) == 60


def test_more_than_a_unit_may_hold_is_a_categorised_error() -> None:
    def row(one: Item) -> tuple[str]:
        return (one.document["Size"],)

    with Spool(STAGED_ITEMS, row, most_bytes=10_000) as spool:
        spool.add([item("small", size=9_000)])
        with pytest.raises(SpoolFull) as full:
            spool.add([item("large", size=2_000)])
    failure = full.value.as_error(service="sns", operation="ListTopics", region="r")
    assert isinstance(failure, AWSServiceLimitError)
    assert failure.facts.code == "unit_too_large"
