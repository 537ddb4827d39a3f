"""Chains: rings are told, and each task's turn comes once, when all before it ended."""

from typing import NamedTuple, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.chains import (
    Link,
    RunEnd,
    due_followers,
    participants,
    ring,
)


def links(*texts: str) -> list[Link[str]]:
    """`a>b` is b after a succeeded; `a!b` after it failed, `a.b` after it finished."""
    ends: dict[str, RunEnd] = {">": "succeeded", "!": "failed", ".": "finished"}
    return [Link(text[2], text[0], ends[text[1]]) for text in texts]


@pytest.mark.parametrize(
    ("made", "way"),
    [
        ((), None),
        (("a>b", "b>c"), None),
        (("a>a",), "aa"),
        (("a>b", "b>a"), "aba"),
        (("a>b", "b>c", "c>d", "d>a", "b>a"), "aba"),
        (("b>c", "c>b", "a>b"), None),
    ],
)
def test_tells_the_shortest_way_back(made: tuple[str, ...], way: str | None) -> None:
    assert ring(links(*made), "a") == (list(way) if way else None)


def test_who_the_root_cannot_reach_takes_no_part() -> None:
    made = links("a>b", "b>c", "x>c", "x>y")
    assert participants(made, "a") == {"a", "b", "c"}
    assert participants(made, "y") == {"y"}


@pytest.mark.parametrize(
    ("made", "statuses", "due"),
    [
        (("a>b",), {"a": "running"}, {}),
        (("a>b",), {"a": "succeeded"}, {"b": True}),
        (("a>b",), {"a": "succeeded", "b": "queued"}, {}),
        # One after another, and a branch that is interrupted.
        (("a>b", "b>c"), {"a": "failed"}, {"b": False}),
        (("a>b", "b>c"), {"a": "failed", "b": "skipped"}, {"c": False}),
        # Both before it must have ended, and both as it asks.
        (("a>b", "a>c", "b>d", "c>d"), {"a": "succeeded"}, {"b": True, "c": True}),
        (
            ("a>b", "a>c", "b>d", "c>d"),
            {"a": "succeeded", "b": "succeeded", "c": "running"},
            {},
        ),
        (
            ("a>b", "a>c", "b>d", "c>d"),
            {"a": "succeeded", "b": "failed", "c": "succeeded"},
            {"d": False},
        ),
        # What takes no part in this chain is not waited for.
        (("a>c", "x>c"), {"a": "succeeded"}, {"c": True}),
    ],
)
def test_a_turn_comes_when_all_before_it_has_ended(
    made: tuple[str, ...], statuses: dict[str, str], due: dict[str, bool]
) -> None:
    assert due_followers(links(*made), "a", statuses) == due


@pytest.mark.parametrize(
    ("status", "starts"),
    [
        ("succeeded", ">."),
        ("failed", "!."),
        ("interrupted", "."),
        ("cancelled", "."),
        ("skipped", ""),
    ],
)
def test_each_end_meets_what_asks_for_it(status: str, starts: str) -> None:
    for sign in (">", "!", "."):
        due = due_followers(links(f"a{sign}b"), "a", {"a": status})
        assert due == {"b": sign in starts}


class Story(NamedTuple):
    """Tasks are numbers, each after smaller ones; 0 is the root. `ends` is how each
    ends if it is started, `order` who ends first."""

    made: list[Link[int]]
    ends: list[str]
    order: list[int]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    count = draw(st.integers(1, 8))
    run_ends: st.SearchStrategy[RunEnd] = st.sampled_from(get_args(RunEnd))
    made = [
        Link(task, before, draw(run_ends))
        for task in range(1, count)
        for before in draw(st.sets(st.integers(0, task - 1)))
    ]
    ends = st.sampled_from(["succeeded", "failed", "interrupted", "cancelled"])
    return Story(
        made,
        draw(st.lists(ends, min_size=count, max_size=count)),
        draw(st.permutations(range(count))),
    )


@given(stories())
def test_every_participant_is_recorded_once_and_rightly(story: Story) -> None:
    """Against the same told backwards: whoever ends first, and however often it is
    asked."""
    statuses = {0: "running"}
    while "running" in statuses.values():
        first = next(one for one in story.order if statuses.get(one) == "running")
        statuses[first] = story.ends[first]
        while due := due_followers(story.made, 0, statuses):
            assert not due.keys() & statuses.keys()
            statuses |= {
                task: "running" if starts else "skipped" for task, starts in due.items()
            }
    told = {task: _told(story, task) for task in range(len(story.ends))}
    assert statuses == {task: said for task, said in told.items() if said is not None}


def _told(story: Story, task: int) -> str | None:
    """Its status in the end, from those before it; None if it takes no part."""
    if task == 0:
        return story.ends[0]
    meant = [
        (link.run_end, said)
        for link in story.made
        if link.task == task and (said := _told(story, link.after)) is not None
    ]
    if not meant:
        return None
    holds = all(
        said == wanted if wanted != "finished" else said != "skipped"
        for wanted, said in meant
    )
    return story.ends[task] if holds else "skipped"
