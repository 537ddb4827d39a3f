"""What a chain skips is counted, by its reason, once."""

from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from app.core.db import Login
from app.models.run import Status
from app.services import chains
from tests.builders_runs import make_run
from tests.personae import People
from tests.tasks.chained import Rota
from tests.tasks.faked import Faked


@pytest.fixture
def rota(faked: Faked, people: People) -> Rota:
    return Rota(faked.database, faked.worker, faked.account, people, {})


def skipped(reason: str) -> float:
    name = "cloudrota_slots_skipped_total"
    return REGISTRY.get_sample_value(name, {"reason": reason}) or 0


async def advance(rota: Rota, root: UUID) -> int:
    async with rota.database.system_session("chain.advance") as session:
        return await chains.advance(session, rota.account.organization_id, root)


async def advance_in_vain(rota: Rota, root: UUID) -> None:
    async with rota.database.system_session("chain.advance") as session:
        await chains.advance(session, rota.account.organization_id, root)
        raise ConnectionResetError


async def test_what_an_error_interrupts_is_counted_once_however_often_it_is_told(
    rota: Rota,
) -> None:
    await rota.make("a>b", "b>c", "a!x")
    root = await rota.start("a")
    await rota.end("a", Status.FAILED)
    before = skipped("chain_interrupted")
    with pytest.raises(ConnectionResetError):
        await advance_in_vain(rota, root)
    assert skipped("chain_interrupted") == before
    assert [await advance(rota, root) for _ in range(3)] == [3, 0, 0]
    assert skipped("chain_interrupted") == before + 2


@pytest.mark.parametrize("reason", ["disabled", "no_targets", "overlap"])
async def test_a_follower_that_cannot_run_is_counted_by_its_reason(
    rota: Rota, reason: str
) -> None:
    await rota.make("a>b")
    if reason == "disabled":
        await rota.change("b", enabled=False)
    elif reason == "no_targets":
        await rota.change("b", selector={"client": ["nobody"]})
    else:
        async with rota.database.unit_of_work(Login.OWNER) as session:
            await make_run(session, rota.tasks["b"], status=Status.RUNNING)
    root = await rota.start("a")
    await rota.end("a")
    before = skipped(reason)
    assert await advance(rota, root) == 1
    assert skipped(reason) == before + 1
