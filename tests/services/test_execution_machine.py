"""Executions under everything that can happen to them, in any order: the services on
the real database against a model (Hypothesis). `make machine LONG=1` runs it longer."""

from collections.abc import Callable
from typing import ClassVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.core.embedded import PostgresServer
from app.core.settings import Settings
from app.models.task import ActionKind
from app.services.claims import Claim
from tests.personae import People
from tests.services.execution_model import Model, Modelled, Reality

FEW = 20  # runs; `make machine LONG=1` makes as many as the profile `long` says
MOST = 6  # executions in one run
WORKERS = ("one", "two", "three")

workers = st.sampled_from(WORKERS)
kinds = st.sampled_from(list(ActionKind))
any_one = st.integers(0, 1_000)


def may_be_released(one: Modelled) -> bool:
    return not one.has_effect_under_way


def may_act(one: Modelled) -> bool:
    is_free = not (one.has_acted or one.has_effect_under_way)
    return one.kind is ActionKind.MUTATE and is_free


def is_acting(one: Modelled) -> bool:
    return one.has_effect_under_way


def may_end(one: Modelled) -> bool:
    return one.kind is ActionKind.READ or one.has_acted


class Executions(RuleBasedStateMachine):
    """Each rule does one thing to the model and to the database; after each, both say
    the same."""

    reality: ClassVar[Reality]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.claims: list[Claim] = []  # all that ever were, most of them stale
        self.held: dict[str, list[Claim]] = {name: [] for name in WORKERS}
        self.lives = 0
        self.reality.do(self.reality.begin())

    def _pick(
        self, number: int, may: Callable[[Modelled], bool]
    ) -> tuple[Claim, Modelled]:
        """A claim, present or of long ago, of an execution that may do this."""
        found = [
            one for one in self.claims if may(self.model.executions[one.execution_id])
        ]
        claim = found[number % len(found)]
        return claim, self.model.executions[claim.execution_id]

    def _some(self, may: Callable[[Modelled], bool]) -> bool:
        return any(may(self.model.executions[one.execution_id]) for one in self.claims)

    @initialize(numbers=st.lists(any_one, min_size=1, max_size=3))
    def begin(self, numbers: list[int]) -> None:
        for number in numbers:
            self.start(number)

    # ── what people and the beat do ──────────────────────────────────────────────

    @precondition(lambda self: len(self.model.executions) < MOST)
    @rule(number=any_one)
    def start_another(self, number: int) -> None:
        self.start(number)

    def start(self, number: int) -> None:
        number %= len(self.reality.tasks)
        task = self.reality.tasks[number]
        id = self.reality.do(self.reality.start(task))
        self.model.executions[id] = Modelled(id, number, task.kind, self.model.now)

    @precondition(lambda self: self.model.executions)
    @rule(number=any_one)
    def cancel(self, number: int) -> None:
        ids = list(self.model.executions)
        one = self.model.executions[ids[number % len(ids)]]
        had_ended = one.has_ended
        if not had_ended:
            one.is_cancel_asked = True
            if one.status == "queued":
                one.end("cancelled")
        assert self.reality.do(self.reality.cancel(one.id)) is not had_ended

    @precondition(lambda self: self.claims)
    @rule(seconds=st.sampled_from((5, 20, 61, 61)))
    def pause(self, seconds: int) -> None:
        """Nobody does anything, as long as it may be."""
        self.model.now += seconds
        self.reality.do(self.reality.pass_time(seconds))

    @precondition(lambda self: self.model.now)
    @rule()
    def reap(self) -> None:
        dead = self.model.dead()
        for one in dead:
            one.hinted_at = self.model.now
            one.take_away(one.lost())
        assert self.reality.do(self.reality.reap()) == len(dead)

    @precondition(lambda self: self.model.now)
    @rule()
    def flush(self) -> None:
        self.reality.do(self.reality.lose_hints())

    @precondition(lambda self: self.model.now)
    @rule()
    def hint_again(self) -> None:
        unhinted = self.model.unhinted()
        for one in unhinted:
            one.hinted_at = self.model.now
        before = self.reality.do(self.reality.hints())
        self.reality.do(self.reality.hint_again())
        assert self.reality.do(self.reality.hints()) - before == len(unhinted)

    # ── what workers do ──────────────────────────────────────────────────────────

    @rule(name=workers, kind=kinds)
    def claim(self, name: str, kind: ActionKind) -> None:
        startable = self.model.startable(kind)
        worker = f"{name}:{self.lives}"
        claim = self.reality.do(self.reality.claim(worker, kind))
        if claim is None:
            assert not startable, "there was something to start"
            return
        assert claim.execution_id in startable
        one = self.model.executions[claim.execution_id]
        one.claim(worker, self.model.now)
        assert (claim.fence, claim.attempt) == (one.fence, one.attempt)
        self.claims.append(claim)
        self.held[name].append(claim)

    @precondition(lambda self: self.claims)
    @rule(name=workers)
    def heartbeat(self, name: str) -> None:
        held = {claim.execution_id: claim.fence for claim in self.held[name]}
        kept: set[UUID] = set()
        cancelled: set[UUID] = set()
        for claim in self.held[name]:
            one = self.model.executions[claim.execution_id]
            if one.is_cancel_asked:
                cancelled.add(one.id)
            if one.is_held_with(claim) and held[one.id] == claim.fence:
                kept.add(one.id)
                one.lease_until = self.model.now + 60
        assert self.reality.do(self.reality.extend(held)) == kept
        assert self.reality.do(self.reality.cancels(list(held))) == cancelled
        self.held[name] = [one for one in self.held[name] if one.execution_id in kept]

    @precondition(lambda self: self.claims)
    @rule(name=workers)
    def kill(self, name: str) -> None:
        """It knows of nothing any more; another process takes its place."""
        self.held[name] = []
        self.lives += 1

    @precondition(lambda self: self._some(may_be_released))
    @rule(number=any_one)
    def release(self, number: int) -> None:
        """A worker that was told to end gives back what it may: nothing that it has
        begun to do and does not know the outcome of."""
        claim, one = self._pick(number, may_be_released)
        if one.is_held_with(claim):
            one.attempt -= 1
            one.take_away("queued")
        self.reality.do(self.reality.release(claim))

    @precondition(lambda self: self._some(may_act))
    @rule(number=any_one)
    def intend(self, number: int) -> None:
        claim, one = self._pick(number, may_act)
        is_held = one.is_held_with(claim)
        if is_held:
            one.has_effect_under_way = True
            one.lease_until = self.model.now + 60
        assert self.reality.do(self.reality.intend(claim)) is is_held

    @precondition(lambda self: self._some(is_acting))
    @rule(number=any_one)
    def record_outcome(self, number: int) -> None:
        claim, one = self._pick(number, is_acting)
        is_held = one.is_held_with(claim)
        if is_held:
            one.has_effect_under_way = False
            one.has_acted = True
        assert self.reality.do(self.reality.record_outcome(claim)) is is_held

    @precondition(lambda self: self._some(may_end))
    @rule(number=any_one, failed=st.booleans())
    def finish(self, number: int, *, failed: bool) -> None:
        claim, one = self._pick(number, may_end)
        is_held = one.is_held_with(claim)
        if is_held:
            fails = failed and claim.kind is ActionKind.READ
            one.end("failed" if fails else "succeeded")
        ended = self.reality.do(self.reality.finish(claim, failed=failed))
        assert ended is is_held

    # ── what must hold after each ────────────────────────────────────────────────

    @invariant()
    def the_database_says_what_the_model_says(self) -> None:
        wanted = {one.id: one.seen for one in self.model.executions.values()}
        assert self.reality.do(self.reality.seen()) == wanted


def _is_long() -> bool:
    return settings.get_current_profile_name() == "long"


def test_executions_do_what_the_model_says(
    configured: Settings,
    postgres_server: PostgresServer,
    people: People,
) -> None:
    database = configured.database_owner_url
    assert database is not None
    name = database.get_secret_value().rpartition("/")[2]
    superuser = f"{postgres_server.superuser_dsn.rpartition('/')[0]}/{name}"
    runs = settings(
        max_examples=settings().max_examples if _is_long() else FEW,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with Reality(configured, superuser, people.alice) as reality:
        Executions.reality = reality
        run_state_machine_as_test(Executions, settings=runs)
