"""What a rule would have told of notices that were: the same decisions, one after the
other, as if each had been made in its time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.services.decisions.routing import (
    Routed,
    Rule,
    Scene,
    Seen,
    Standing,
    Watch,
    decide,
    look_again,
    subject_of,
)

MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One notice that would have been told, and to whom."""

    seen: Seen
    routed: tuple[Routed, ...]


@dataclass(slots=True)
class _Course:
    rule: Rule
    channels: Mapping[UUID, Mapping[str, Sequence[str]] | None]
    counts: Mapping[UUID, int]
    watches: dict[str, Watch] = field(default_factory=dict)
    last: dict[str, Seen] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def arrive(self, seen: Seen) -> None:
        seen = replace(seen, own_channel_ids=())
        subject = subject_of(seen.notice)
        known = {} if subject is None else {self.rule.id: self.watches.get(subject)}
        watches = {id: one for id, one in known.items() if one is not None}
        scene = Scene(seen.notice.at, self.channels)
        decision = decide(seen, [self.rule], watches, scene)
        for watch in decision.watches:
            self.watches[watch.subject] = watch
            self.last[watch.subject] = seen
        self._tell(seen, decision.routed)

    def look_until(self, until: datetime) -> None:
        """All that is due until then, in its order."""
        while len(self.told) < MOST_TOLD:
            due = [(w.due_at, w.subject) for w in self.watches.values() if w.due_at]
            if not due or min(due)[0] > until:
                return
            at, subject = min(due)
            self._look(self.watches[subject], self.last[subject], at)

    def _look(self, watch: Watch, last: Seen, at: datetime) -> None:
        """How often a problem had struck by then is not known: what it struck in all
        stands for it."""
        id = last.notice.problem_id
        struck = None if id is None else self.counts.get(id, watch.count)
        if struck is not None and struck < (self.rule.after or 1):
            self.watches[watch.subject] = replace(watch, due_at=None)
            return
        standing = None if struck is None else Standing(struck, is_acknowledged=False)
        decision = look_again(
            last, self.rule, watch, Scene(at, self.channels), standing
        )
        for changed in decision.watches:
            self.watches[changed.subject] = changed
        self._tell(last, decision.routed)

    def _tell(self, seen: Seen, routed: tuple[Routed, ...]) -> None:
        if routed:
            self.told.append(Told(seen, routed))


def rehearse(
    seen: Sequence[Seen],
    rule: Rule,
    channels: Mapping[UUID, Mapping[str, Sequence[str]] | None],
    *,
    counts: Mapping[UUID, int],
    until: datetime,
) -> list[Told]:
    """What would have been told until an instant of notices in their order, up to
    `MOST_TOLD`. Nothing is muted. `counts` are how often each problem struck."""
    course = _Course(rule, channels, counts)
    for one in seen:
        course.look_until(one.notice.at)
        course.arrive(one)
    course.look_until(until)
    return course.told[:MOST_TOLD]
