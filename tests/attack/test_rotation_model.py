"""The model of refresh tokens tells outcomes that could be from others."""

from collections import Counter

import pytest

from tests.attack.rotation_model import LOGOUT, Chain, Pair, State, outcomes

FRESH = State(1, graced=True)
OLD = State(1, graced=False)
NO = (401, None)
GONE = (204, None)


@pytest.mark.parametrize(
    ("begin", "pairs", "ends"),
    [
        (FRESH, [(1, (200, 2)), (1, (200, 2))], {(2, None)}),
        (FRESH, [(0, (200, 1)), (1, (200, 2))], {(2, None)}),
        (FRESH, [(1, (200, 2)), (0, NO)], {(2, "refresh_token_reused")}),
        (OLD, [(0, NO), (1, NO)], {(1, "refresh_token_reused")}),
        (FRESH, [(1, (200, 2)), (LOGOUT, GONE)], {(2, "signed_out")}),
        (FRESH, [(1, NO), (LOGOUT, GONE)], {(1, "signed_out")}),
        # Two successors; one that is lost; a thief who is served; a sign-out unheard.
        (FRESH, [(1, (200, 2)), (1, (200, 3))], set()),
        (FRESH, [(1, (200, 2)), (1, NO)], set()),
        (OLD, [(0, (200, 1)), (1, (200, 2))], set()),
        (FRESH, [(1, (200, 2)), (LOGOUT, NO)], set()),
        (FRESH, [(1, (500, None))], set()),
    ],
)
def test_tells_what_some_order_would_have_been(
    begin: State, pairs: list[Pair], ends: set[tuple[int, str | None]]
) -> None:
    assert _ends(begin, *((pair,) for pair in pairs)) == ends


def test_one_client_is_answered_in_the_order_of_its_requests() -> None:
    first, second = (1, (200, 2)), (2, (200, 3))
    assert _ends(FRESH, (first, second)) == {(3, None)}
    assert _ends(FRESH, (second, first)) == set()
    late = (1, (401, None))
    assert _ends(FRESH, (first, second), (late,)) == {(3, "refresh_token_reused")}


def _ends(begin: State, *chains: Chain) -> set[tuple[int, str | None]]:
    found = outcomes(begin, Counter(chains))
    return {(state.generation, state.ended) for state in found}
