"""Those who wake people: an incident begins once and ends once, and a storm is one."""

import pytest

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.errors import Unavailable
from app.core.notice import Notice, NoticeEvent
from app.integrations.channels import incidents
from app.integrations.channels.contract import Sent
from app.integrations.channels.incidents import Incident, incidents_of, tell
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
        (
            NoticeEvent.CREDENTIALS_INVALID,
            NoticeEvent.CREDENTIALS_RECOVERED,
            f"credentials:{id_of(7)}",
        ),
    ],
)
def test_what_ends_an_incident_has_the_key_that_began_it(
    begins: NoticeEvent, ends: NoticeEvent, key: str
) -> None:
    facts = {"problem_id": id_of(5) if begins is OPENED else None}
    detail = {"recipient_id": str(id_of(8)), "credentials_id": str(id_of(7))}
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


# ── one after the other ──────────────────────────────────────────────────────────

FIVE = incidents_of([_problem(n) for n in range(5)], SITE, delivery_id=id_of(9))
NAMES = [one.name for one in FIVE]


class _Service:
    """Takes each but for those that it answers otherwise, one a second."""

    def __init__(self, **otherwise: Exception) -> None:
        self.now, self.heard, self.otherwise = 0.0, list[str](), otherwise

    async def post(self, incident: Incident) -> Sent:
        self.now += 1
        self.heard.append(incident.name)
        if error := self.otherwise.get(f"n{NAMES.index(incident.name)}"):
            raise error
        return Sent(202, "taken")


async def test_those_that_are_told_are_not_told_again() -> None:
    service = _Service()
    assert await tell(FIVE, frozenset(NAMES[:2]), service.post) == Sent(202, "taken")
    assert service.heard == NAMES[2:]


@pytest.mark.parametrize(
    "error",
    [ChannelBusy("429", status=429, retry_after=30), Unavailable("It is away.")],
)
async def test_who_is_away_in_the_middle_has_what_came_before(error: Exception) -> None:
    service = _Service(n3=error)
    with pytest.raises(ChannelBusy) as busy:
        await tell(FIVE, frozenset(NAMES[:1]), service.post)
    assert busy.value.told == {*NAMES[:3]}
    assert service.heard == NAMES[1:4]


async def test_one_that_is_refused_does_not_keep_the_next_one() -> None:
    service = _Service(n1=ChannelRefused("It answered 400", status=400))
    with pytest.raises(ChannelRefused, match=r"1 of 5 were refused\. .*400"):
        await tell(FIVE, frozenset(), service.post)
    assert service.heard == NAMES


async def test_who_refuses_the_first_is_not_asked_further() -> None:
    service = _Service(n0=ChannelRefused("It answered 403", status=403))
    with pytest.raises(ChannelRefused, match="403"):
        await tell(FIVE, frozenset(), service.post)
    assert service.heard == NAMES[:1]


async def test_a_turn_ends_and_the_next_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = _Service()
    monkeypatch.setattr(incidents, "_TURN", 2)
    monkeypatch.setattr(incidents, "monotonic", lambda: service.now)
    with pytest.raises(ChannelBusy, match="3 of 5 are told") as busy:
        await tell(FIVE, frozenset(), service.post)
    assert busy.value.retry_after == 0
    assert (await tell(FIVE, busy.value.told, service.post)).code == 202
    assert service.heard == NAMES
