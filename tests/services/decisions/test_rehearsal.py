"""A rehearsal tells what the decisions would have told, each in its time."""

from datetime import datetime, timedelta

import pytest

from app.core.notice import NoticeEvent
from app.services.decisions.rehearsal import MOST_TOLD, Told, rehearse
from app.services.decisions.routing import Rule
from tests.services.decisions.tellings import (
    CHANNELS,
    CHAT,
    HOUR,
    MAIL,
    MINUTE,
    NOW,
    PROBLEM,
    E,
    rule,
    seen,
)

Happened = list[tuple[timedelta, NoticeEvent]]


def rehearsed(
    of: Rule, *happened: tuple[timedelta, NoticeEvent], struck: int = 9
) -> list[Told]:
    notices = [seen(event, at=NOW + after) for after, event in happened]
    return rehearse(
        notices, of, CHANNELS, counts={PROBLEM: struck}, until=NOW + 24 * HOUR
    )


def when(told: list[Told]) -> list[datetime]:
    return [one.routed[0].not_before for one in told]


def test_what_arrives_is_told_when_it_does() -> None:
    told = rehearsed(rule(), (HOUR, E.PROBLEM_OPENED), (2 * HOUR, E.PROBLEM_CLOSED))
    assert when(told) == [NOW + HOUR, NOW + 2 * HOUR]
    assert [one.seen.notice.event for one in told] == [
        E.PROBLEM_OPENED,
        E.PROBLEM_CLOSED,
    ]
    assert [one.channel_id for one in told[0].routed] == [MAIL]


@pytest.mark.parametrize(("ended", "tellings"), [(10 * MINUTE, 0), (20 * MINUTE, 2)])
def test_a_delay_is_waited_for(ended: timedelta, tellings: int) -> None:
    told = rehearsed(
        rule(delay=15 * MINUTE),
        (timedelta(), E.PROBLEM_OPENED),
        (ended, E.PROBLEM_CLOSED),
    )
    assert when(told) == [NOW + 15 * MINUTE, NOW + ended][:tellings]


def test_it_is_repeated_until_it_ends() -> None:
    told = rehearsed(
        rule(repeat=HOUR),
        (timedelta(), E.PROBLEM_OPENED),
        (2 * HOUR + MINUTE, E.PROBLEM_CLOSED),
    )
    assert when(told) == [NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 2 * HOUR + MINUTE]


@pytest.mark.parametrize(("struck", "tellings"), [(2, 0), (3, 1)])
def test_a_problem_must_have_struck_often_enough(struck: int, tellings: int) -> None:
    one = rule(after=3, channel_ids=(CHAT,))
    told = rehearsed(one, (timedelta(), E.PROBLEM_OPENED), struck=struck)
    assert len(told) == tellings


def test_no_more_is_told_than_can_be_read() -> None:
    told = rehearsed(rule(repeat=MINUTE), (timedelta(), E.PROBLEM_OPENED))
    assert len(told) == MOST_TOLD
