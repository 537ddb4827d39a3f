"""What a label scope lets through, asked under the login that every policy shows
everything: what is kept apart here is kept apart by the conditions alone."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actor import Actor
from app.models.aws_account import AWSAccount
from app.models.task import Task, TaskTarget
from app.services.scoping import on_visible_account, visible_accounts, visible_tasks
from tests.builders import make_account, make_task
from tests.personae import People

ALL = {"north", "north prod", "south", "bare"}
LABELS = {
    "north": {"client": "north"},
    "north prod": {"client": "north", "stage": "prod"},
    "south": {"client": "south", "stage": "prod"},
    "bare": {},
}
SCOPES: list[tuple[dict[str, list[str]] | None, set[str]]] = [
    (None, ALL),
    ({}, set()),
    ({"client": []}, set()),
    ({"client": ["north"]}, {"north", "north prod"}),
    ({"client": ["north", "south"]}, {"north", "north prod", "south"}),
    ({"client": ["north"], "stage": ["prod"]}, {"north prod"}),
    ({"stage": ["prod"]}, {"north prod", "south"}),
    ({"client": ["prod"]}, set()),
    ({"team": ["north"]}, set()),
]


@pytest.fixture
async def accounts(people: People, owner: AsyncSession) -> dict[str, AWSAccount]:
    """Alice's, by their labels; Mallory has the same ones."""
    made = {}
    for persona in (people.mallory, people.alice):
        for at, (name, labels) in enumerate(LABELS.items()):
            made[name] = await make_account(
                owner,
                persona.organization_id,
                account_id=f"{at + 1:012}",
                name=name,
                labels=labels,
            )
    await owner.flush()
    return made


def limited(people: People, scope: dict[str, Any] | None) -> Actor:
    return replace(people.alice.actor, label_scope=scope)


def _in_order(value: object) -> str:
    """The same in every process."""
    return str(sorted(value) if isinstance(value, set) else value)


@pytest.mark.parametrize(("scope", "expected"), SCOPES, ids=_in_order)
async def test_an_account_is_seen_by_its_labels(
    scope: dict[str, list[str]] | None,
    expected: set[str],
    accounts: dict[str, AWSAccount],
    people: People,
    owner: AsyncSession,
) -> None:
    actor = limited(people, scope)
    found = (
        await owner.scalars(select(AWSAccount).where(visible_accounts(actor)))
    ).all()
    assert sorted(one.name for one in found) == sorted(expected)
    assert {one.organization_id for one in found} <= {actor.organization_id}


@pytest.mark.parametrize(("scope", "expected"), SCOPES, ids=_in_order)
async def test_what_belongs_to_an_account_is_seen_with_it(
    scope: dict[str, list[str]] | None,
    expected: set[str],
    accounts: dict[str, AWSAccount],
    people: People,
    owner: AsyncSession,
) -> None:
    for persona in (people.mallory, people.alice):
        mine = AWSAccount.organization_id == persona.organization_id
        targets = (await owner.scalars(select(AWSAccount).where(mine))).all()
        await make_task(owner, persona.organization_id, accounts=tuple(targets))
    await owner.flush()
    actor = limited(people, scope)
    condition = on_visible_account(
        actor, TaskTarget.organization_id, TaskTarget.aws_account_id
    )
    ids = (
        await owner.scalars(select(TaskTarget.aws_account_id).where(condition))
    ).all()
    assert sorted(ids) == sorted(accounts[name].id for name in expected)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (None, {"of north", "of both", "of all by label", "of none"}),
        ({"client": ["north"]}, {"of north"}),
        ({"client": ["north", "south"]}, {"of north", "of both"}),
        ({}, set()),
    ],
    ids=_in_order,
)
async def test_a_task_is_seen_with_all_its_accounts(
    scope: dict[str, list[str]] | None,
    expected: set[str],
    accounts: dict[str, AWSAccount],
    people: People,
    owner: AsyncSession,
) -> None:
    """Not one that selects its accounts by label, nor one that has none."""
    here = people.alice.organization_id
    north, south = accounts["north"], accounts["south"]
    await make_task(owner, here, name="of north", accounts=(north,))
    await make_task(owner, here, name="of both", accounts=(north, south))
    selector = {"labels": {"client": ["north"]}}
    await make_task(owner, here, name="of all by label", selector=selector)
    await make_task(owner, here, name="of none")
    theirs = await owner.scalar(
        select(AWSAccount).where(
            AWSAccount.organization_id == people.mallory.organization_id,
            AWSAccount.name == "north",
        )
    )
    assert theirs is not None
    there = people.mallory.organization_id
    await make_task(owner, there, name="of others", accounts=(theirs,))
    await owner.flush()
    condition = visible_tasks(limited(people, scope))
    names = (await owner.scalars(select(Task.name).where(condition))).all()
    assert sorted(names) == sorted(expected)
