"""What refresh tokens promise, as a model that shares no code with the product: which
answers to requests at once are those of some order of the same requests."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache

LOGOUT = -1  # instead of a token's generation
OK, SIGNED_OUT, REFUSED = 200, 204, 401

# What was asked with: a generation, or LOGOUT; and what was answered: the status, and
# the generation of the successor where there is one.
Ask = int
Answer = tuple[int, int | None]
Pair = tuple[Ask, Answer]
Chain = tuple[Pair, ...]  # of one client, one after the other


@dataclass(frozen=True)
class State:
    """Of one session. `graced`: the predecessor of its present token still counts."""

    generation: int
    graced: bool
    ended: str | None = None


def step(state: State, ask: Ask) -> tuple[State, Answer]:
    """What one request does to a session, and is answered."""
    if ask == LOGOUT:
        return replace(state, ended=state.ended or "signed_out"), (SIGNED_OUT, None)
    if state.ended is not None:
        return state, (REFUSED, None)
    if ask == state.generation:
        ahead = state.generation + 1
        return State(ahead, graced=True), (OK, ahead)
    if ask == state.generation - 1 and state.graced:
        return state, (OK, state.generation)
    return replace(state, ended="refresh_token_reused"), (REFUSED, None)


def outcomes(begin: State, chains: Counter[Chain]) -> set[State]:
    """Every state in which the session may be now, if those were the answers; none if
    no order of the requests has them."""
    return set(_outcomes(begin, frozenset(chains.items())))


@cache
def _outcomes(state: State, left: frozenset[tuple[Chain, int]]) -> frozenset[State]:
    if not left:
        return frozenset({state})
    found: set[State] = set()
    for chain, _ in left:
        ask, answer = chain[0]
        after, given = step(state, ask)
        if given == answer:
            found |= _outcomes(after, _without_first(left, chain))
    return frozenset(found)


def _without_first(
    left: frozenset[tuple[Chain, int]], chain: Chain
) -> frozenset[tuple[Chain, int]]:
    """One client with that chain has done its first."""
    rest = Counter(dict(left))
    rest[chain] -= 1
    if chain[1:]:
        rest[chain[1:]] += 1
    return frozenset((+rest).items())
