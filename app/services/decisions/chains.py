"""Chains: tasks that run after tasks. What a dependency would close into a ring, and
what follows once a run has ended."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

RunEnd = Literal["succeeded", "failed", "finished"]
Task = TypeVar("Task", bound=Hashable)

_UNFINISHED = frozenset({"queued", "running"})
# By what a dependency asks for: the statuses of the run before it that meet it. A run
# that was skipped has not been begun, and meets none.
_MEETS: Mapping[RunEnd, frozenset[str]] = {
    "succeeded": frozenset({"succeeded"}),
    "failed": frozenset({"failed"}),
    "finished": frozenset({"succeeded", "failed", "interrupted", "cancelled"}),
}


class Link(NamedTuple, Generic[Task]):
    """`task` runs after `after`, if that has ended so."""

    task: Task
    after: Task
    run_end: RunEnd


def ring(links: Iterable[Link[Task]], start: Task) -> list[Task] | None:
    """The shortest way from a task over what runs after it back to itself: the task,
    what runs after it, and so on, the task again at the end. None if there is none."""
    after = _followers(links)
    ways = [[start]]
    seen = set()
    for way in ways:  # grows while it is walked: the shorter ways come first
        for task in after[way[-1]]:
            if task == start:
                return [*way, task]
            if task not in seen:
                seen.add(task)
                ways.append([*way, task])
    return None


def participants(links: Iterable[Link[Task]], root: Task) -> set[Task]:
    """The tasks that a chain which begins with `root` can reach, the root included."""
    after = _followers(links)
    found = {root}
    waiting = [root]
    while waiting:
        new = set(after[waiting.pop()]) - found
        found |= new
        waiting += new
    return found


def due_followers(
    links: Sequence[Link[Task]], root: Task, statuses: Mapping[Task, str]
) -> dict[Task, bool]:
    """Whose turn it is: the tasks without a run in this chain of which all that they
    run after, as far as it takes part in the chain, has ended; and whether all has
    ended as they ask, so that they start. Otherwise their branch is interrupted.

    `statuses` are those of each task's run in the chain so far, the root's included. To
    be asked again after what it answers is recorded, until nothing is due.
    """
    part = participants(links, root)
    before: dict[Task, list[Link[Task]]] = defaultdict(list)
    for link in links:
        if link.after in part and link.task not in statuses:
            before[link.task].append(link)
    return {
        task: all(statuses[link.after] in _MEETS[link.run_end] for link in of_task)
        for task, of_task in before.items()
        if all(_has_ended(statuses.get(link.after)) for link in of_task)
    }


def _has_ended(status: str | None) -> bool:
    return status is not None and status not in _UNFINISHED


def _followers(links: Iterable[Link[Task]]) -> Mapping[Task, list[Task]]:
    found: dict[Task, list[Task]] = defaultdict(list)
    for link in links:
        found[link.after].append(link.task)
    return found
