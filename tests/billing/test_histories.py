"""Whatever happens at Stripe and however its events come: in the end an organization
has exactly what Stripe says that it pays for."""

import pytest

from tests.billing.figures import FIGURES, ORDER
from tests.billing.histories import History
from tests.billing.world import World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("seeds", ORDER.parts(), ids=str)


async def test_every_history_ends_in_the_right_entitlement(
    world: World, seeds: range
) -> None:
    wrong = []
    for seed in seeds:
        history = await History.begin(world, seed)
        await history.play()
        FIGURES.histories += 1
        if fault := await history.end():
            FIGURES.wrong += 1
            wrong.append("\n".join([fault, *history.told]))
    assert not wrong, "\n\n".join(wrong[:3])
