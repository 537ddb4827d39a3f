"""Those who wake people: an incident begins once and ends once, and a storm is one."""

import pytest

from app.core.notice import Notice, NoticeEvent
from app.integrations.channels.incidents import incidents_of
from tests.integrations.channels.notices import SITE, a_notice, id_of

OPENED, CLOSED = NoticeEvent.PROBLEM_OPENED, NoticeEvent.PROBLEM_CLOSED


def _problem(number: int, event: NoticeEvent = OPENED) -> Notice:
    return a_notice(event, problem_id=id_of(number), title=f"{event} {number}")


def _said(*notices: Notice) -> list[tuple[str, bool]]:
    found = incidents_of(notices, SITE, delivery_id=id_of(9))
    return [(incident.key, incident.is_over) for incident in found]


TASK = f"task:{id_of(4)}:{id_of(3)}"


@pytest.mark.parametrize(
    ("begins", "ends", "key"),
    [
        (OPENED, CLOSED, f"problem:{id_of(5)}"),
        (NoticeEvent.EXECUTION_FAILED, NoticeEvent.EXECUTION_RECOVERED, TASK),
        (NoticeEvent.EXECUTION_INTERRUPTED, NoticeEvent.EXECUTION_SUCCEEDED, TASK),
        (
            NoticeEvent.HEALTH_DEGRADED,
            NoticeEvent.HEALTH_RECOVERED,
            f"health:{id_of(4)}:{id_of(3)}",
        ),
        (
            NoticeEvent.CHANNEL_FAILING,
            NoticeEvent.CHANNEL_RECOVERED,
            f"channel:{id_of(8)}",
        ),
    ],
)
def test_what_ends_an_incident_has_the_key_that_began_it(
    begins: NoticeEvent, ends: NoticeEvent, key: str
) -> None:
    facts = {"problem_id": id_of(5) if begins is OPENED else None}
    detail = {"recipient_id": str(id_of(8))}
    assert _said(a_notice(begins, detail=detail, **facts)) == [(key, False)]
    assert _said(a_notice(ends, detail=detail, **facts)) == [(key, True)]


def test_what_begins_nothing_that_could_end_has_a_key_of_its_own() -> None:
    changed = a_notice(NoticeEvent.RESOURCE_CHANGED, problem_id=None)
    assert _said(changed) == [(f"notice:{id_of(1)}", False)]


def test_a_test_begins_and_ends_at_once() -> None:
    test = a_notice(NoticeEvent.TEST, problem_id=None)
    key = f"test:{id_of(9)}"
    assert _said(test) == [(key, False), (key, True)]


def test_of_the_same_trouble_the_last_counts() -> None:
    assert _said(_problem(1), _problem(1)) == [(f"problem:{id_of(1)}", False)]
    assert _said(_problem(1, CLOSED), _problem(1)) == [(f"problem:{id_of(1)}", False)]
    assert _said(_problem(1), _problem(1, CLOSED)) == []


def test_ends_are_told_before_what_begins_and_one_by_one() -> None:
    said = _said(*(_problem(n) for n in (1, 2)), *(_problem(n, CLOSED) for n in (3, 4)))
    assert said == [
        (f"problem:{id_of(n)}", is_over)
        for n, is_over in [(3, True), (4, True), (1, False), (2, False)]
    ]


def test_a_storm_is_one_incident_and_its_ends_are_still_told() -> None:
    storm = [_problem(n) for n in range(10_000)]
    ended = _problem(20_000, CLOSED)
    over, begun = incidents_of([*storm, ended], SITE, delivery_id=id_of(9))
    assert (over.key, over.is_over) == (f"problem:{id_of(20_000)}", True)
    assert (begun.key, begun.is_over) == (f"digest:{id_of(9)}", False)
    assert begun.message.title == "10,000 notices: problems opened 10,000"
    assert begun.message.rest == "and 9,980 more"
