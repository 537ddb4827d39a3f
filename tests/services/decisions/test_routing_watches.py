"""What goes on is told when it should be, and its end to who heard of its beginning."""

from dataclasses import replace
from datetime import time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.notice import (
    Severity,
)
from app.services.decisions.routing import (
    RECHECK,
    Filters,
    MutedKind,
    Rule,
    Scene,
    Standing,
    decide,
    subject_of,
    wanted,
)
from app.services.decisions.telling_times import QuietHours
from tests.services.decisions.tellings import (
    ACCOUNT,
    CHANNELS,
    CHAT,
    HOUR,
    MAIL,
    MINUTE,
    NOW,
    OTHER,
    PROBLEM,
    RULE,
    SCENE,
    TASK,
    Course,
    E,
    notice,
    rule,
    seen,
    told,
)

NOON = QuietHours(time(11), time(13), "UTC")

# ── what goes on ─────────────────────────────────────────────────────────────────


def test_a_problem_is_told_once_and_its_end() -> None:
    course = Course(rule())
    assert [one.channel_id for one in course.tell(E.PROBLEM_OPENED)] == [MAIL]
    assert course.watch is not None
    assert course.watch.due_at is None
    (end,) = course.after(HOUR).tell(E.PROBLEM_CLOSED)
    assert end.why == "The rule Problems told of its beginning."
    assert course.after(HOUR).tell(E.PROBLEM_CLOSED) == []


@pytest.mark.parametrize(
    ("of", "is_told"),
    [
        (rule(events={E.PROBLEM_OPENED}, recovery=True), True),
        (rule(events={E.PROBLEM_OPENED}, recovery=False), False),
        (rule(recovery=False), True),
    ],
)
def test_an_end_is_told_where_it_is_wanted(of: Rule, *, is_told: bool) -> None:
    course = Course(of)
    assert course.tell(E.PROBLEM_OPENED)
    assert bool(course.tell(E.PROBLEM_CLOSED)) is is_told


def test_the_end_of_what_was_not_told_is_not_told() -> None:
    course = Course(rule(filters=Filters(severity=Severity.CRITICAL)))
    assert course.tell(E.PROBLEM_OPENED) == []
    assert course.tell(E.PROBLEM_CLOSED, severity=Severity.CRITICAL) == []


def test_who_asks_for_ends_alone_hears_of_all() -> None:
    course = Course(rule(events={E.PROBLEM_CLOSED}))
    assert course.tell(E.PROBLEM_CLOSED)


def test_the_end_is_told_whatever_the_filters_say_of_it() -> None:
    course = Course(
        rule(
            filters=Filters(severity=Severity.ERROR, categories={"AWSPermissionError"})
        )
    )
    assert course.tell(E.PROBLEM_OPENED)
    assert course.tell(E.PROBLEM_CLOSED, severity=Severity.INFO, error=None)


def test_a_delay_tells_what_is_still_open_then() -> None:
    course = Course(rule(delay=15 * MINUTE))
    assert course.tell(E.PROBLEM_OPENED) == []
    assert course.after(14 * MINUTE).look(Standing(1, is_acknowledged=False)) == []
    (late,) = course.after(MINUTE).look(Standing(4, is_acknowledged=False))
    assert late.not_before == NOW + 15 * MINUTE
    assert course.after(HOUR).look(Standing(9, is_acknowledged=False)) == []
    assert course.tell(E.PROBLEM_CLOSED)


def test_what_ends_within_the_delay_is_never_told() -> None:
    course = Course(rule(delay=15 * MINUTE))
    assert course.tell(E.PROBLEM_OPENED) == []
    assert course.after(MINUTE).tell(E.PROBLEM_CLOSED) == []
    assert course.after(HOUR).look() == []


def test_who_looks_after_it_within_the_delay_is_left_alone() -> None:
    course = Course(rule(delay=15 * MINUTE))
    course.tell(E.PROBLEM_OPENED)
    assert course.after(15 * MINUTE).look(Standing(4, is_acknowledged=True)) == []
    assert course.tell(E.PROBLEM_CLOSED) == []


def test_it_is_told_again_while_it_goes_on() -> None:
    course = Course(rule(repeat=HOUR))
    assert course.tell(E.PROBLEM_OPENED)
    for _ in range(3):
        (again,) = course.after(HOUR).look(Standing(2, is_acknowledged=False))
        assert again.why.endswith("tells of it again.")
    assert course.after(HOUR).look(Standing(2, is_acknowledged=True)) == []
    assert course.after(HOUR).look(Standing(2, is_acknowledged=False))
    assert course.tell(E.PROBLEM_CLOSED)
    assert course.after(2 * HOUR).look() == []


@pytest.mark.parametrize(
    ("after", "told_of"),
    [
        (None, [True, True, True, True]),
        (1, [True, False, False, False]),
        (3, [False, False, True, False]),
    ],
)
def test_it_is_told_after_so_many_failures(
    after: int | None, told_of: list[bool]
) -> None:
    course = Course(rule(events={E.EXECUTION_FAILED}, after=after))
    for _ in range(2):  # a recovery starts the count anew
        struck = [course.after(HOUR).tell(E.EXECUTION_FAILED) for _ in told_of]
        assert [bool(one) for one in struck] == told_of
        assert course.tell(E.EXECUTION_RECOVERED)


def test_a_recovery_before_enough_failures_is_not_told() -> None:
    course = Course(rule(events={E.EXECUTION_FAILED}, after=3))
    course.tell(E.EXECUTION_FAILED)
    course.tell(E.EXECUTION_FAILED)
    assert course.tell(E.EXECUTION_RECOVERED) == []


def test_a_problem_is_looked_at_until_it_has_struck_often_enough() -> None:
    course = Course(rule(after=3, delay=MINUTE))
    assert course.tell(E.PROBLEM_OPENED) == []
    assert course.after(RECHECK).look(Standing(2, is_acknowledged=False)) == []
    assert course.after(RECHECK).look(Standing(2, is_acknowledged=False)) == []
    assert course.after(RECHECK).look(Standing(3, is_acknowledged=False))
    assert course.after(RECHECK).look(Standing(4, is_acknowledged=False)) == []


def test_enough_failures_are_told_after_the_delay() -> None:
    course = Course(rule(events={E.EXECUTION_FAILED}, after=2, delay=HOUR))
    assert course.tell(E.EXECUTION_FAILED) == []
    assert course.after(2 * HOUR).tell(E.EXECUTION_FAILED) == []
    assert course.after(HOUR / 2).tell(E.EXECUTION_FAILED) == []
    assert course.after(HOUR / 2).look()


# ── mutes ────────────────────────────────────────────────────────────────────────

TOMORROW = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        (MutedKind.TASK, TASK),
        (MutedKind.ACCOUNT, ACCOUNT),
        (MutedKind.PROBLEM, PROBLEM),
        (MutedKind.RULE, RULE),
    ],
)
def test_what_is_muted_is_told_when_the_mute_ends_if_it_goes_on(
    kind: MutedKind, id: UUID
) -> None:
    course = Course(rule(), mutes={(kind, id): TOMORROW})
    assert course.tell(E.PROBLEM_OPENED) == []
    assert course.after(HOUR).look(Standing(1, is_acknowledged=False)) == []
    course.scene = Scene(TOMORROW, CHANNELS)
    assert course.look(Standing(1, is_acknowledged=False))


def test_what_begins_and_ends_while_muted_is_not_told() -> None:
    course = Course(rule(), mutes={(MutedKind.TASK, TASK): TOMORROW})
    assert course.tell(E.PROBLEM_OPENED) == []
    assert course.tell(E.PROBLEM_CLOSED) == []
    course.scene = Scene(TOMORROW, CHANNELS)
    assert course.look() == []


def test_a_mute_holds_back_repeats_and_not_the_end() -> None:
    course = Course(rule(repeat=HOUR))
    assert course.tell(E.PROBLEM_OPENED)
    mutes = {(MutedKind.PROBLEM, PROBLEM): TOMORROW}
    course.scene = Scene(NOW + HOUR, CHANNELS, mutes)
    assert course.look(Standing(1, is_acknowledged=False)) == []
    assert course.watch is not None
    assert course.watch.due_at == TOMORROW
    assert course.tell(E.PROBLEM_CLOSED)


def test_a_muted_channel_hears_nothing_while_others_do() -> None:
    scene = replace(SCENE, mutes={(MutedKind.CHANNEL, MAIL): TOMORROW})
    one = rule(channel_ids=(MAIL, CHAT))
    assert told(decide(seen(), [one], {}, scene)) == [CHAT]


def test_a_mute_of_something_else_holds_back_nothing() -> None:
    mutes = dict.fromkeys(
        [(MutedKind.TASK, ACCOUNT), (MutedKind.RULE, OTHER)], TOMORROW
    )
    assert told(decide(seen(), [rule()], {}, replace(SCENE, mutes=mutes))) == [MAIL]


def test_a_mute_silences_the_channels_of_a_task_too() -> None:
    own = replace(seen(), own_channel_ids=(CHAT,))
    scene = replace(SCENE, mutes={(MutedKind.TASK, TASK): TOMORROW})
    assert told(decide(own, [], {}, scene)) == []


# ── what always holds ────────────────────────────────────────────────────────────


def test_the_same_thing_is_named_by_its_beginning_and_its_end() -> None:
    pairs = [
        (E.PROBLEM_OPENED, E.PROBLEM_CLOSED),
        (E.EXECUTION_FAILED, E.EXECUTION_RECOVERED),
        (E.EXECUTION_INTERRUPTED, E.EXECUTION_RECOVERED),
        (E.HEALTH_DEGRADED, E.HEALTH_RECOVERED),
    ]
    for begun, end in pairs:
        assert subject_of(notice(begun)) == subject_of(notice(end)) is not None
    assert subject_of(notice(E.EXECUTION_SUCCEEDED)) is None


def test_a_rule_wants_the_ends_of_what_it_tells() -> None:
    one = rule(events={E.EXECUTION_FAILED}, recovery=False)
    assert wanted(one) == {E.EXECUTION_FAILED, E.EXECUTION_RECOVERED}


STEPS = st.lists(
    st.tuples(
        st.timedeltas(timedelta(), 3 * HOUR),
        st.sampled_from(["struck", "looked", "ended"]),
        st.booleans(),
    ),
    max_size=40,
)
RULES = st.builds(
    rule,
    events=st.just({E.EXECUTION_FAILED}),
    after=st.none() | st.integers(1, 4),
    delay=st.sampled_from([timedelta(), MINUTE, HOUR]),
    repeat=st.sampled_from([None, MINUTE, HOUR]),
    quiet_hours=st.sampled_from([None, NOON]),
)


@given(RULES, STEPS)
def test_every_end_that_is_told_follows_a_beginning_that_was(
    of: Rule, steps: list[tuple[timedelta, str, bool]]
) -> None:
    course, is_told = Course(of), False
    for pause, what, is_muted in steps:
        mutes = {(MutedKind.RULE, RULE): TOMORROW} if is_muted else {}
        course.scene = Scene(course.scene.now + pause, CHANNELS, mutes)
        if what == "ended":
            ended = course.tell(E.EXECUTION_RECOVERED)
            assert bool(ended) is is_told
            is_told = False
        elif what == "struck":
            is_told |= bool(course.tell(E.EXECUTION_FAILED))
        elif course.watch is not None:
            is_told |= bool(course.look())
        assert course.watch is None or (course.watch.told_at is not None) is is_told


@given(RULES, STEPS)
def test_nothing_is_told_before_its_time(
    of: Rule, steps: list[tuple[timedelta, str, bool]]
) -> None:
    course, begun = Course(of), None
    for pause, what, _ in steps:
        course.after(pause)
        if what == "ended":
            course.tell(E.EXECUTION_RECOVERED)
            begun = None
            continue
        is_begun = what == "struck"
        begun = begun or (course.scene.now if is_begun else None)
        routed = course.tell(E.EXECUTION_FAILED) if is_begun else []
        if not is_begun and course.watch is not None:
            routed = course.look()
        for one in routed:
            assert begun is not None
            assert one.not_before >= max(course.scene.now, begun + of.delay)
