"""How many resources there were, day by day: what was not read has no number."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.core.clock import now
from app.core.db import Database, Login
from app.core.ids import first_id_of, new_id
from app.models.aws_account import AWSAccount
from app.models.inventory import Scope, ScopeRead
from app.services import resource_counts
from tests.builders import make_account
from tests.builders_runs import CATALOG
from tests.conftest import Client
from tests.personae import People

URL = "/api/v1/resources/counts"
NOON = time(12)
LAST_BITS = (1 << 62) - 1


def day(ago: int) -> date:
    return (now() - timedelta(days=ago)).date()


def noon(ago: int) -> datetime:
    return datetime.combine(day(ago), NOON, UTC)


@pytest.fixture
async def account(database: Database, people: People) -> AWSAccount:
    async with database.unit_of_work(Login.OWNER) as session:
        return await make_account(session, people.alice.organization_id)


class Known:
    """A scope that was first looked at so many days ago, and read on some of them."""

    def __init__(self, database: Database, account: AWSAccount) -> None:
        self._database, self._account, self._made = database, account, 0

    async def scope(
        self,
        reads: dict[int, int],
        *,
        since: int,
        service: str = "ec2",
        kind: str = "list",
        verdict: str | None = None,
    ) -> None:
        self._made += 1
        made = UUID(int=first_id_of(noon(since)).int | new_id().int & LAST_BITS)
        of = {"organization_id": self._account.organization_id}
        async with self._database.unit_of_work(Login.OWNER) as session:
            session.add(
                Scope(
                    **of,
                    id=made,
                    aws_account_id=self._account.id,
                    kind=kind,
                    service=service,
                    region="eu-central-1",
                    key=f"{service}:{self._made}",
                    verdict=verdict,
                )
            )
            await session.flush()
            for ago, items in reads.items():
                await self.read(session, made, noon(ago), items)

    async def read(self, session: Any, scope: UUID, at: datetime, items: int) -> None:
        session.add(
            ScopeRead(
                organization_id=self._account.organization_id,
                id=new_id(),
                scope_id=scope,
                read_at=at,
                catalog_version=CATALOG,
                items=items,
            )
        )


@pytest.fixture
def known(database: Database, account: AWSAccount) -> Known:
    return Known(database, account)


async def counts(client: Client, persona: Any, **params: Any) -> dict[str, Any]:
    answer = await client(persona).get(URL, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def numbers(client: Client, persona: Any, **params: Any) -> list[int | None]:
    found = await counts(client, persona, **params)
    return [one["resources"] for one in found["days"]]


async def test_a_day_is_the_sum_of_what_was_read_last_in_each_place(
    client: Client, people: People, known: Known
) -> None:
    await known.scope({2: 7, 1: 8, 0: 9}, since=2)
    await known.scope({2: 1, 1: 0, 0: 0}, since=2, service="s3")
    found = await counts(client, people.victor, days=3)
    assert [one["resources"] for one in found["days"]] == [8, 8, 9]
    assert [one["day"] for one in found["days"]] == [str(day(ago)) for ago in (2, 1, 0)]
    assert found["units_never_read"] == 0


async def test_a_day_on_which_one_place_was_not_read_is_a_gap(
    client: Client, people: People, known: Known
) -> None:
    await known.scope({3: 7, 2: 7, 1: 7, 0: 7}, since=3)
    await known.scope({3: 5, 1: 6}, since=3, service="s3")
    found = await counts(client, people.alice, days=4)
    assert [one["resources"] for one in found["days"]] == [12, None, 13, None]
    assert [one["units_read"] for one in found["days"]] == [2, 1, 2, 1]
    assert await numbers(client, people.alice, days=4, service="ec2") == [7, 7, 7, 7]


async def test_what_was_looked_at_in_vain_before_its_first_read_is_a_gap(
    client: Client, people: People, known: Known
) -> None:
    await known.scope({0: 4}, since=1)
    assert await numbers(client, people.alice, days=3) == [None, None, 4]


async def test_what_was_not_known_yet_makes_no_gap(
    client: Client, people: People, known: Known
) -> None:
    await known.scope({2: 7, 1: 7, 0: 7}, since=2)
    await known.scope({0: 3}, since=0, service="s3")
    assert await numbers(client, people.alice, days=3) == [7, 7, 10]


async def test_what_was_never_read_in_that_time_is_told_and_not_counted(
    client: Client, people: People, known: Known
) -> None:
    await known.scope({1: 7, 0: 7}, since=5)
    await known.scope({5: 90}, since=5, service="s3")
    await known.scope({}, since=5, service="sns", verdict="unknown")
    await known.scope({}, since=5, service="sqs", verdict="not_applicable")
    await known.scope({1: 3}, since=5, kind="health")
    found = await counts(client, people.alice, days=2)
    assert [one["resources"] for one in found["days"]] == [7, 7]
    assert found["units_never_read"] == 2


async def test_nothing_known_is_no_zero(client: Client, people: People) -> None:
    found = await counts(client, people.alice, days=2)
    assert [one["resources"] for one in found["days"]] == [None, None]


async def test_an_account_that_is_not_connected_is_not_counted(
    client: Client,
    people: People,
    database: Database,
    account: AWSAccount,
    known: Known,
) -> None:
    await known.scope({0: 4}, since=0)
    async with database.unit_of_work(Login.OWNER) as session:
        await session.execute(update(AWSAccount).values(connected=False))
    assert await numbers(client, people.alice, days=2, account_id=str(account.id)) == [
        None,
        None,
    ]


async def test_only_what_one_sees_is_counted(
    client: Client, people: People, database: Database, known: Known
) -> None:
    await known.scope({1: 4, 0: 4}, since=1)
    async with database.unit_of_work(Login.OWNER) as session:
        north = await make_account(
            session,
            people.alice.organization_id,
            account_id="222222222222",
            labels={"client": "north"},
            credentials=None,
        )
    await Known(database, north).scope({1: 9, 0: 9}, since=1, service="s3")
    assert await numbers(client, people.alice, days=2) == [13, 13]
    assert await numbers(client, people.clara, days=2) == [9, 9]
    assert await numbers(client, people.mallory, days=2) == [None, None]


async def test_more_than_can_be_looked_up_is_refused(
    client: Client, people: People, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_counts, "MOST_LOOKUPS", 4)
    await known.scope({0: 4}, since=0)
    await known.scope({0: 4}, since=0, service="s3")
    assert len((await counts(client, people.alice, days=2))["days"]) == 2
    answer = await client(people.alice).get(URL, params={"days": 3})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "too_much"
    await counts(client, people.alice, days=3, service="s3")
