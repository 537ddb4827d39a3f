"""Whatever happens at Stripe and however its events come: in the end an organization
has exactly what Stripe says that it pays for."""

from tests.billing.figures import FIGURES, ORDER
from tests.billing.histories import History
from tests.billing.world import World


async def test_every_history_ends_in_the_right_entitlement(world: World) -> None:
    first, wrong = ORDER.first_seed, []
    for seed in range(first, first + ORDER.histories):
        history = await History.begin(world, seed)
        await history.play()
        FIGURES.histories += 1
        if fault := await history.end():
            FIGURES.wrong += 1
            wrong.append("\n".join([fault, *history.told]))
    assert not wrong, "\n\n".join(wrong[:3])
