"""Who is told of a notice, by which rule and when; and what is watched on, so that a
failure can be told later, again, or as mended."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from app.core.notice import Notice, NoticeEvent, Severity
from app.services.decisions.labels import matches
from app.services.decisions.telling_times import (
    Digest,
    QuietHours,
    next_digest,
    quiet_until,
)

# How soon it is looked again whether a problem has struck often enough.
RECHECK = timedelta(seconds=30)

# What ends what: it is told to who was told of the beginning.
ENDS: Mapping[NoticeEvent, frozenset[NoticeEvent]] = MappingProxyType(
    {
        NoticeEvent.PROBLEM_CLOSED: frozenset({NoticeEvent.PROBLEM_OPENED}),
        NoticeEvent.EXECUTION_RECOVERED: frozenset(
            {NoticeEvent.EXECUTION_FAILED, NoticeEvent.EXECUTION_INTERRUPTED}
        ),
        NoticeEvent.HEALTH_RECOVERED: frozenset({NoticeEvent.HEALTH_DEGRADED}),
        NoticeEvent.CHANNEL_RECOVERED: frozenset({NoticeEvent.CHANNEL_FAILING}),
    }
)
BEGINNINGS = frozenset[NoticeEvent]().union(*ENDS.values())
# What a task's own channels are told of it: what is wrong, and that it is over.
OWN_EVENTS = frozenset(
    {
        NoticeEvent.PROBLEM_OPENED,
        NoticeEvent.PROBLEM_CLOSED,
        NoticeEvent.EXECUTION_INTERRUPTED,
        NoticeEvent.HEALTH_DEGRADED,
        NoticeEvent.HEALTH_RECOVERED,
    }
)


@dataclass(frozen=True, slots=True)
class Filters:
    """None is no filter. What a notice does not have is not matched: who asks for a
    service hears nothing of the subscription."""

    categories: Collection[str] | None = None
    services: Collection[str] | None = None
    account_ids: Collection[UUID] | None = None
    labels: Mapping[str, Sequence[str]] | None = None
    task_ids: Collection[UUID] | None = None
    severity: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Rule:
    """`after` is the failure in a row of which is told, and of that one alone; None:
    of each. `delay` is how long it must go on before it is told, `repeat` how often it
    is told again while it goes on."""

    id: UUID
    name: str
    events: Collection[NoticeEvent]
    channel_ids: Sequence[UUID]
    filters: Filters = field(default_factory=Filters)
    after: int | None = None
    delay: timedelta = timedelta()
    repeat: timedelta | None = None
    recovery: bool = True
    digest: Digest | None = None
    quiet_hours: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A notice with what decides beside it: the labels of its account, and what its
    task says for itself."""

    notice: Notice
    labels: Mapping[str, str] = field(default_factory=dict)
    task_is_mute: bool = False
    own_channel_ids: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a problem stands now: how often it struck, and whether somebody has said
    that he looks after it."""

    count: int
    is_acknowledged: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """What a rule knows of one thing that goes on (a problem, a task on an account):
    `count` of failures in a row, 0 when it is over; the last notice of it and when the
    wait for it began; when it was told; when it is to be looked at again; whether a
    mute took away what was entered of it, so that it is told then if it goes on."""

    rule_id: UUID
    subject: str
    count: int = 0
    notice_id: UUID | None = None
    since: datetime | None = None
    told_at: datetime | None = None
    due_at: datetime | None = None
    is_owed: bool = False


class MutedKind(StrEnum):
    TASK = "task"
    ACCOUNT = "account"
    PROBLEM = "problem"
    CHANNEL = "channel"
    RULE = "rule"


# What is muted, and until when.
Mutes = Mapping[tuple[MutedKind, UUID], datetime]


@dataclass(frozen=True, slots=True)
class Scene:
    """What holds for every notice that is decided at `now`: the mutes that stand, and
    the channels there are with the labels that each is limited to (None: no limit)."""

    now: datetime
    channels: Mapping[UUID, Mapping[str, Sequence[str]] | None]
    mutes: Mutes = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Routed:
    """One channel is told, not before an instant. `rule_id` is None where a task names
    the channel itself. `why` is a sentence."""

    channel_id: UUID
    rule_id: UUID | None
    not_before: datetime
    why: str
    is_digest: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Whom to tell, each channel once, and the watches that have changed."""

    routed: tuple[Routed, ...]
    watches: tuple[Watch, ...] = ()


def wanted(rule: Rule) -> frozenset[NoticeEvent]:
    """What must be noticed for the rule: an end also closes what it watches."""
    named = frozenset(rule.events)
    return named | {end for end, begun in ENDS.items() if begun & named}


def subject_of(notice: Notice) -> str | None:
    """What goes on and may end, as the notices of its beginning and its end both name
    it; None for what just happens."""
    task_id = None if notice.task is None else notice.task.id
    account_id = None if notice.account is None else notice.account.id
    return subject(notice.event, notice.problem_id, task_id, account_id)


def subject(
    event: NoticeEvent,
    problem_id: UUID | None,
    task_id: UUID | None,
    account_id: UUID | None,
) -> str | None:
    """The same, from what the notice names."""
    if event not in BEGINNINGS and event not in ENDS:
        return None
    if problem_id is not None and event.startswith("problem."):
        return f"problem:{problem_id}"
    if task_id is not None and account_id is not None:
        family = event.partition(".")[0]
        return f"{family}:{task_id}:{account_id}"
    return None


# ── a notice arrives ─────────────────────────────────────────────────────────────


def decide(
    seen: Seen, rules: Iterable[Rule], watches: Mapping[UUID, Watch], scene: Scene
) -> Decision:
    """What to do about one notice; `watches` are those of its subject, by rule."""
    routed: list[Routed] = []
    changed: list[Watch] = []
    for rule in rules:
        watch = watches.get(rule.id)
        after, why = _step(seen, rule, watch, scene)
        if after is not None and after != watch:
            changed.append(after)
        if why is not None:
            routed += _to_channels(seen, rule, scene, why)
    is_end = seen.notice.event in ENDS
    is_silent = _silent_until(seen.notice, None, scene) is not None and not is_end
    if seen.notice.event in OWN_EVENTS and not is_silent:
        routed += [
            Routed(id, None, scene.now, "Its task names this channel.")
            for id in seen.own_channel_ids
            if _may_hear(id, seen, scene)
        ]
    return Decision(_once_each(routed), tuple(changed))


def _step(
    seen: Seen, rule: Rule, watch: Watch | None, scene: Scene
) -> tuple[Watch | None, str | None]:
    """The watch as it is afterwards, and why the rule tells now; None: it does not."""
    notice = seen.notice
    subject = subject_of(notice)
    if subject is not None and ENDS.get(notice.event, frozenset()) & set(rule.events):
        over = None if watch is None else Watch(rule.id, subject)
        # Mutes hold back what begins: who was told of that is told of its end.
        return over, _end(rule, notice, watch)
    until = _silent_until(notice, rule, scene)
    if (
        seen.task_is_mute
        or notice.event not in rule.events
        or not _matches(rule.filters, seen)
    ):
        return watch, None
    if subject is None or notice.event not in BEGINNINGS:
        told = f"The rule {rule.name} tells of {notice.event}."
        return watch, None if until is not None else told
    is_problem = notice.event is NoticeEvent.PROBLEM_OPENED
    if until is not None and is_problem and watch is not None and watch.notice_id:
        return watch, None  # the task that met it before may not be muted
    watch = watch or Watch(rule.id, subject)
    watch = replace(watch, count=watch.count + 1, notice_id=notice.id)
    if until is not None:
        # If it still goes on when the mute is over, it is told then.
        return replace(watch, since=watch.since or notice.at, due_at=until), None
    return _go_on(rule, notice, watch, scene.now)


def _end(rule: Rule, notice: Notice, watch: Watch | None) -> str | None:
    is_wanted = rule.recovery or notice.event in rule.events
    if watch is None or watch.told_at is None or not is_wanted:
        return None
    return f"The rule {rule.name} told of its beginning."


def _go_on(
    rule: Rule, notice: Notice, watch: Watch, now: datetime
) -> tuple[Watch, str | None]:
    """It begins, or strikes again."""
    since = watch.since or notice.at
    if watch.told_at is not None:
        if rule.after is not None:
            return watch, None
    elif rule.after is not None and watch.count < rule.after:
        # A problem is one notice however often it strikes: its count is looked up.
        is_problem = notice.event is NoticeEvent.PROBLEM_OPENED
        due_at = now + RECHECK if is_problem else None
        return replace(watch, since=since, due_at=due_at), None
    elif rule.delay:
        since = notice.at if watch.due_at is None else since
        return replace(watch, since=since, due_at=since + rule.delay), None
    told = _told(watch, rule, now)
    if rule.after is not None and rule.after > 1:
        return told, f"The rule {rule.name} tells of {rule.after} failures in a row."
    return told, f"The rule {rule.name} tells of {notice.event}."


def _told(watch: Watch, rule: Rule, now: datetime) -> Watch:
    due_at = None if rule.repeat is None else now + rule.repeat
    since = watch.since or now
    return replace(watch, told_at=now, since=since, due_at=due_at, is_owed=False)


# ── a watch is due ───────────────────────────────────────────────────────────────


def look_again(
    seen: Seen, rule: Rule, watch: Watch, scene: Scene, standing: Standing | None
) -> Decision:
    """What to do about what still goes on, now that its watch is due; `seen` is its
    last notice, `standing` its problem's, if it is one."""
    struck = watch.count if standing is None else standing.count
    now, since = scene.now, watch.since or scene.now
    if watch.told_at is None and rule.after is not None and struck < rule.after:
        return Decision((), (replace(watch, due_at=now + RECHECK),))
    if watch.told_at is None and since + rule.delay > now:
        return Decision((), (replace(watch, due_at=since + rule.delay),))
    if watch.told_at is not None and rule.repeat is None and not watch.is_owed:
        return Decision((), (replace(watch, due_at=None),))
    until = _silent_until(seen.notice, rule, scene)
    if until is not None:
        return Decision((), (replace(watch, due_at=until),))
    if seen.task_is_mute or (standing is not None and standing.is_acknowledged):
        due_at = None if rule.repeat is None else now + rule.repeat
        return Decision((), (replace(watch, due_at=due_at),))
    why = f"It still goes on: the rule {rule.name} tells of it" + (
        "." if watch.told_at is None else " again."
    )
    routed = _to_channels(seen, rule, scene, why)
    return Decision(_once_each(routed), (_told(watch, rule, now),))


# ── what both ask ────────────────────────────────────────────────────────────────


def _to_channels(seen: Seen, rule: Rule, scene: Scene, why: str) -> list[Routed]:
    when = _when(rule, seen.notice, scene.now)
    if rule.digest is not None:
        why += f" It sends a {rule.digest.every} digest."
    elif when > scene.now:
        why += " Its quiet hours end first."
    return [
        Routed(id, rule.id, when, why, is_digest=rule.digest is not None)
        for id in rule.channel_ids
        if _may_hear(id, seen, scene)
    ]


def _when(rule: Rule, notice: Notice, now: datetime) -> datetime:
    when = now if rule.digest is None else next_digest(rule.digest, now)
    quiet = rule.quiet_hours
    if quiet is None:
        return when
    if rule.digest is None and quiet.critical_passes:
        passes = notice.severity >= Severity.CRITICAL
        return when if passes else quiet_until(quiet, when) or when
    return quiet_until(quiet, when) or when


def _may_hear(channel_id: UUID, seen: Seen, scene: Scene) -> bool:
    """A channel that is limited to labels hears of such accounts and nothing else. A
    muted one may have been told of the beginning before: that is looked at when the end
    is to be sent."""
    if channel_id not in scene.channels:
        return False
    is_muted = (MutedKind.CHANNEL, channel_id) in scene.mutes
    if is_muted and seen.notice.event not in ENDS:
        return False
    limit = scene.channels[channel_id]
    return limit is None or (
        seen.notice.account is not None and matches(limit, seen.labels)
    )


def _silent_until(notice: Notice, rule: Rule | None, scene: Scene) -> datetime | None:
    """When the last mute ends that holds it back; None: it is not muted."""
    named = {
        MutedKind.TASK: notice.task.id if notice.task else None,
        MutedKind.ACCOUNT: notice.account.id if notice.account else None,
        MutedKind.PROBLEM: notice.problem_id,
        MutedKind.RULE: rule.id if rule else None,
    }
    keys = [(kind, id) for kind, id in named.items() if id is not None]
    ends = [scene.mutes[key] for key in keys if key in scene.mutes]
    return max(ends, default=None)


def _matches(filters: Filters, seen: Seen) -> bool:
    notice = seen.notice
    category = notice.error and notice.error.category
    account_id = notice.account and notice.account.id
    task_id = notice.task and notice.task.id
    return (
        (notice.severity >= filters.severity)
        and (filters.categories is None or category in filters.categories)
        and (
            filters.services is None
            or not set(filters.services).isdisjoint(notice.services)
        )
        and (filters.account_ids is None or account_id in filters.account_ids)
        and (filters.labels is None or matches(filters.labels, seen.labels))
        and (filters.task_ids is None or task_id in filters.task_ids)
    )


def _once_each(routed: Iterable[Routed]) -> tuple[Routed, ...]:
    """Each channel hears once, the soonest way."""
    soonest: dict[UUID, Routed] = {}
    for one in routed:
        other = soonest.get(one.channel_id)
        if other is None or one.not_before < other.not_before:
            soonest[one.channel_id] = one
    return tuple(soonest.values())
