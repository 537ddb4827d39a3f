"""The demo's own judgement of slots: it must see what is lost and what is doubled."""

from datetime import UTC, datetime, timedelta

from tests.demo.client import Json
from tests.demo.slots import account_for

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def _at(minute: int) -> str:
    return (NOON + timedelta(minutes=minute)).isoformat()


def _task(*, next_minute: int) -> Json:
    return {"name": "Health", "next_run_at": _at(next_minute)}


def _run(minute: int, *, slots: int = 1, status: str = "succeeded") -> Json:
    return {
        "id": f"run-{minute}",
        "trigger": "schedule",
        "scheduled_for": _at(minute),
        "slots": slots,
        "status": status,
    }


def _executions(*minutes: int) -> list[Json]:
    return [{"run_id": f"run-{minute}"} for minute in minutes]


def test_is_whole_when_each_slot_has_one_run_with_one_execution() -> None:
    account = account_for(
        _task(next_minute=3), [_run(0), _run(1), _run(2)], _executions(0, 1, 2)
    )
    assert account.is_whole
    assert (account.due, account.recorded) == (3, 3)


def test_sees_a_slot_that_nothing_recorded() -> None:
    account = account_for(_task(next_minute=3), [_run(0), _run(2)], _executions(0, 2))
    assert account.lost == (NOON + timedelta(minutes=1),)
    assert not account.is_whole


def test_sees_that_the_last_due_slot_is_missing() -> None:
    account = account_for(_task(next_minute=2), [_run(0)], _executions(0))
    assert account.lost == (NOON + timedelta(minutes=1),)


def test_sees_a_slot_recorded_twice() -> None:
    account = account_for(_task(next_minute=1), [_run(0), _run(0)], _executions(0))
    assert account.doubled == (NOON,)
    assert not account.is_whole


def test_sees_a_slot_executed_twice() -> None:
    account = account_for(_task(next_minute=1), [_run(0)], _executions(0, 0))
    assert account.doubled == (NOON,)


def test_sees_a_run_that_nobody_executed() -> None:
    account = account_for(_task(next_minute=1), [_run(0)], [])
    assert account.without_execution == (NOON,)
    assert not account.is_whole


def test_takes_a_gap_record_for_all_of_its_slots() -> None:
    gap = _run(1, slots=3, status="skipped")
    account = account_for(
        _task(next_minute=5), [_run(0), gap, _run(4)], _executions(0, 4)
    )
    assert account.is_whole
    assert (account.due, account.recorded) == (5, 5)


def test_leaves_out_what_was_started_by_hand() -> None:
    by_hand = {**_run(0), "id": "by-hand", "trigger": "manual", "scheduled_for": None}
    account = account_for(_task(next_minute=1), [_run(0), by_hand], _executions(0))
    assert account.recorded == 1


def test_is_not_whole_before_the_first_slot() -> None:
    assert not account_for(_task(next_minute=1), [], []).is_whole
