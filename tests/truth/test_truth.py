"""The drills find nothing wrong with the product, and find what is made wrong."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.aws.catalog.loader import Fact
from app.aws.error_codes import Kind
from app.aws.errors import CATEGORIES
from app.aws.services import health
from app.aws.services.health import check_of
from app.core.settings import Settings
from tests.truth import ground
from tests.truth.drills import Drill, Injection, Place, curated, generic
from tests.truth.expectations import ALL, EXPECTED
from tests.truth.rehearsals import Rehearsal, companies
from tests.truth.stage import Scene, Stage
from tests.truth.tally import GENERIC, Tally

BUCKETS = Drill("health", "s3:bucket", is_curated=True)
TABLES = Drill("health", "dynamodb:table", is_curated=True)
VPCS = Drill("list", "ec2:DescribeVpcs", is_curated=False)


@pytest.fixture
async def stage(configured: Settings) -> AsyncIterator[Stage]:
    async with ground.stage(configured) as stage:
        yield stage


async def drilled(stage: Stage, *drills: Drill) -> Tally:
    tally = Tally()
    rehearsal = Rehearsal(stage, stage.lanes[0], "short", tally)
    for company in companies(drills):
        await rehearsal.play(company)
    return tally


async def test_every_error_is_told_as_it_is(stage: Stage) -> None:
    tally = await drilled(stage, BUCKETS, TABLES, VPCS)
    assert (tally.untruthful, tally.miscategorised, tally.unproven) == ([], [], [])
    assert tally.injected > 10
    assert tally.curated == {"s3:bucket", "dynamodb:table"}
    assert tally.services == {"s3", "dynamodb", "ec2"}


async def test_an_error_before_the_first_unit_fails_the_execution(stage: Stage) -> None:
    tally = Tally()
    await Rehearsal(stage, stage.lanes[0], "short", tally).play_preamble(VPCS)
    assert (tally.untruthful, tally.miscategorised, tally.unproven) == ([], [], [])
    assert tally.injected > 10


class Everything(dict[str, Fact]):
    """Declares nothing, and takes every code for an absence."""

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: str) -> Fact:
        return "absent"


async def test_a_check_that_swallows_errors_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = check_of("s3:bucket")
    located, *others = honest.details
    swallowing = replace(
        honest,
        details=(located, *(replace(one, absent=Everything()) for one in others)),
    )
    monkeypatch.setattr(health, "checks", lambda: {honest.key: swallowing})
    tally = await drilled(stage, BUCKETS)
    assert tally.untruthful
    assert "the unit is succeeded" in tally.untruthful[0]


async def test_a_wrong_category_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.aws.errors.kind_of", lambda *_: Kind.VALIDATION)
    tally = await drilled(stage, BUCKETS, TABLES)
    assert tally.miscategorised
    assert tally.untruthful == []


async def test_a_fault_that_never_comes_to_pass_is_no_proof(stage: Stage) -> None:
    unit = (VPCS.key, "eu-west-1")
    injection = Injection(Place("ec2", "DescribeVpcs", 99), *ALL[0])
    scene = Scene([VPCS], ["eu-west-1"], {unit: injection})
    tally = Tally()
    tally.judge(VPCS, unit, injection, await stage.play(stage.lanes[0], scene))
    assert (tally.injected, len(tally.unproven)) == (0, 1)


def test_figures_below_what_is_wanted_do_not_stand() -> None:
    tally = Tally(curated={"s3:bucket"}, curated_services={"s3"})
    assert len(tally.shortfalls(curated=2, breadth="short")) == 3


def test_the_drills_are_all_checks_and_enough_of_the_rest() -> None:
    assert {one.key for one in curated()} == set(health.checks())
    found = generic(GENERIC["full"])
    assert len(set(found)) == GENERIC["full"]
    assert {one.key for one in found}.isdisjoint(health.checks())
    assert found == generic(GENERIC["full"])


def test_drills_that_play_together_share_no_call() -> None:
    for company in companies(curated()):
        calls = [call for drill in company for call in drill.declared()]
        assert len(calls) == len(set(calls))


def test_what_is_expected_names_the_categories_that_faults_can_have() -> None:
    """All but one: `AWSConfigurationError` is never an answer of AWS."""
    names = {one.category for one in CATEGORIES}
    assert names - EXPECTED.keys() == {"AWSConfigurationError"}
    assert len({fault.name for fault, _ in ALL}) == len(ALL)
