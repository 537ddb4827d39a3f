"""Calls side by side: answers in order, bounded, and none begun after an error."""

import threading
from collections.abc import Iterator

import pytest

from app.aws.concurrency import AT_ONCE, in_order


def test_answers_come_in_the_order_of_the_inputs() -> None:
    last_first = {number: threading.Event() for number in range(AT_ONCE)}

    def act(number: int) -> int:
        # Each waits for the one after it, so that the first input is ready last.
        if number + 1 < AT_ONCE:
            assert last_first[number + 1].wait(5)
        last_first[number].set()
        return number * 10

    assert list(in_order(act, range(AT_ONCE))) == [n * 10 for n in range(AT_ONCE)]


def test_no_more_than_the_bound_is_asked_ahead() -> None:
    drawn = []

    def inputs() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    answers = in_order(lambda number: number, inputs())
    assert next(answers) == 0
    assert len(drawn) == AT_ONCE
    assert next(answers) == 1
    assert len(drawn) == AT_ONCE + 1


def test_an_error_ends_it_and_what_is_in_flight_is_waited_for() -> None:
    begun, ended = [], []

    def act(number: int) -> int:
        begun.append(number)
        if number == 0:
            raise LookupError(number)
        ended.append(number)
        return number

    with pytest.raises(LookupError):
        list(in_order(act, range(1000)))
    assert len(begun) <= AT_ONCE
    assert sorted([*ended, 0]) == sorted(begun)


def test_a_caller_who_turns_away_leaves_nothing_running() -> None:
    begun, ended = [], []
    may_end = threading.Event()

    def act(number: int) -> int:
        begun.append(number)
        assert number == 0 or may_end.wait(5)
        ended.append(number)
        return number

    answers = in_order(act, range(1000))
    assert next(answers) == 0
    may_end.set()
    answers.close()  # type: ignore[attr-defined]  # it is a generator
    assert sorted(begun) == sorted(ended)
    assert len(begun) <= AT_ONCE


def test_no_more_inputs_are_drawn_once_there_is_an_error_anywhere() -> None:
    drawn, is_wrong = [], threading.Event()
    wrong = AT_ONCE - 1

    def inputs() -> Iterator[int]:
        for number in range(1000):
            drawn.append(number)
            yield number

    def act(number: int) -> int:
        if number == wrong:
            is_wrong.set()
            raise LookupError(number)
        assert number > 0 or is_wrong.wait(5)
        return number

    answers: list[int] = []
    with pytest.raises(LookupError):
        answers.extend(in_order(act, inputs()))
    assert answers == list(range(wrong))
    # One more may have been drawn before anybody could know.
    assert len(drawn) <= AT_ONCE + 1
