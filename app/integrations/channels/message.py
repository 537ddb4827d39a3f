"""What is said, whatever the channel: one notice, or a digest of many, as plain texts
that do nothing. How a channel shows it is the channel's own file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType

from app.core.notice import NotedAccount, NotedError, Notice, NoticeEvent, Severity
from app.integrations.channels.texts import inert

SHOWN = 20  # notices of a digest
_ACCOUNTS = 5  # of a digest that are counted by name
_TITLE, _LINE, _NAME, _VALUE, _LINK = 300, 500, 100, 300, 200  # characters
_LINES = 10
_CUT = "…"  # stands for the lines that were left out

# What ends a trouble, or is none.
RELIEVED = frozenset(
    {
        NoticeEvent.PROBLEM_CLOSED,
        NoticeEvent.EXECUTION_SUCCEEDED,
        NoticeEvent.EXECUTION_RECOVERED,
        NoticeEvent.HEALTH_RECOVERED,
        NoticeEvent.CHANNEL_RECOVERED,
        NoticeEvent.CREDENTIALS_RECOVERED,
    }
)


_EVENTS: Mapping[NoticeEvent, str] = MappingProxyType(
    {
        NoticeEvent.EXECUTION_SUCCEEDED: "Executions succeeded",
        NoticeEvent.EXECUTION_FAILED: "Executions failed",
        NoticeEvent.EXECUTION_INTERRUPTED: "Executions interrupted",
        NoticeEvent.EXECUTION_CANCELLED: "Executions cancelled",
        NoticeEvent.EXECUTION_SKIPPED: "Executions skipped",
        NoticeEvent.EXECUTION_RECOVERED: "Executions recovered",
        NoticeEvent.HEALTH_DEGRADED: "Health got worse",
        NoticeEvent.HEALTH_RECOVERED: "Health got better",
        NoticeEvent.RESOURCE_CHANGED: "Resources changed",
        NoticeEvent.PROBLEM_OPENED: "Problems opened",
        NoticeEvent.PROBLEM_CLOSED: "Problems closed",
        NoticeEvent.CREDENTIALS_INVALID: "Credentials invalid",
        NoticeEvent.CREDENTIALS_RECOVERED: "Credentials recovered",
        NoticeEvent.SUBSCRIPTION_CHANGED: "Subscription changed",
        NoticeEvent.SUBSCRIPTION_READ_ONLY: "Organization read-only",
        NoticeEvent.USAGE_NEAR: "Limits near",
        NoticeEvent.USAGE_REACHED: "Limits reached",
        NoticeEvent.CHANNEL_FAILING: "Channels failing",
        NoticeEvent.CHANNEL_RECOVERED: "Channels recovered",
        NoticeEvent.TEST: "Tests",
    }
)


class Tone(StrEnum):
    """How it is to be taken."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Item:
    """One notice of a digest; `place` is the AWS account, where it is of one."""

    tone: Tone
    title: str
    place: str
    at: str
    link: str


@dataclass(frozen=True, slots=True)
class Message:
    """Every text is one line and inert; `link` leads into the console. Of a digest
    there are `counts`, `items`, and `more` that are not among these."""

    tone: Tone
    title: str
    organization: str
    at: datetime
    link: str
    lines: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    counts: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    more: int = 0

    @property
    def is_digest(self) -> bool:
        return bool(self.counts)

    @property
    def rest(self) -> str:
        """What stands below the items of a digest: how many there are besides."""
        return f"and {self.more:,} more" if self.more else ""

    def shrunk(self) -> "Message | None":
        """A shorter one, for a channel that does not take so much; None if this is the
        least."""
        if self.items:
            kept = len(self.items) // 2
            left = len(self.items) - kept
            return replace(self, items=self.items[:kept], more=self.more + left)
        if self.lines:
            kept_lines = self.lines[:-1] if self.lines[-1] != _CUT else self.lines[:-2]
            return replace(self, lines=(*kept_lines, _CUT) if kept_lines else ())
        return replace(self, facts=self.facts[:-1]) if self.facts else None


def message_of(notices: Sequence[Notice], site: str) -> Message:
    """Of one notice or more. `site` is where the console is: a link that leads anywhere
    else leads to its front page."""
    if len(notices) == 1:
        return _single(notices[0], site)
    return _digest(notices, site)


def place_of(account: NotedAccount | None) -> str:
    """An account as people know it: its name and its number."""
    if account is None:
        return ""
    number = inert(account.number, _NAME)
    return f"{inert(account.name, _NAME)} ({number})" if account.name else number


def _single(notice: Notice, site: str) -> Message:
    lines = (inert(line, _LINE) for line in notice.lines[:_LINES])
    return Message(
        tone=_tone(notice),
        title=inert(notice.title, _TITLE) or notice.event.value,
        organization=inert(notice.organization.name, _NAME),
        at=notice.at,
        link=_safe(notice.link, site),
        lines=tuple(line for line in lines if line),
        facts=tuple(_facts(notice)),
    )


def _facts(notice: Notice) -> Iterator[Fact]:
    error = notice.error
    known = {
        "Account": place_of(notice.account),
        "Task": notice.task.name if notice.task else "",
        "Services": ", ".join(notice.services),
        "Error": f"{error.code}: {error.message}" if error else "",
        "Missing action": (error and error.missing_action) or "",
        "Where": _words(error),
        "AWS request": (error and error.request_id) or "",
        "When": instant(notice.at),
    }
    for name, value in known.items():
        if shown := inert(value, _VALUE):
            yield Fact(name, shown)


def _words(error: NotedError | None) -> str:
    """Which call failed, and where."""
    if error is None:
        return ""
    return " ".join(filter(None, [error.service, error.operation, error.region]))


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _digest(notices: Sequence[Notice], site: str) -> Message:
    worst = sorted(notices, key=_rank, reverse=True)
    shown = worst[:SHOWN]
    return Message(
        tone=_tone(worst[0]),
        title=f"{len(notices):,} notices: {_most_of(notices)}",
        organization=inert(notices[0].organization.name, _NAME),
        at=max(notice.at for notice in notices),
        link=f"{site}/problems" if any(_is_problem(n) for n in notices) else site,
        counts=tuple(_counts(notices)),
        items=tuple(_item(notice, site) for notice in shown),
        more=len(notices) - len(shown),
    )


def _rank(notice: Notice) -> tuple[int, datetime]:
    """The worst is the greatest; among equals, the newest."""
    severity = 0 if notice.event in RELIEVED else int(notice.severity)
    return severity, notice.at


def _item(notice: Notice, site: str) -> Item:
    return Item(
        tone=_tone(notice),
        title=inert(notice.title, _TITLE // 2) or notice.event.value,
        place=place_of(notice.account),
        at=instant(notice.at),
        link=_safe(notice.link, site),
    )


def _most_of(notices: Sequence[Notice]) -> str:
    """The two events that there are most of, in words."""
    by_event = Counter(notice.event for notice in notices).most_common()
    said = [f"{_EVENTS[event].lower()} {count:,}" for event, count in by_event[:2]]
    return ", ".join(said) + (" …" if len(by_event) > len(said) else "")


def _counts(notices: Sequence[Notice]) -> Iterator[str]:
    """Lines: how many of each event, then of each account."""
    for event, count in Counter(notice.event for notice in notices).most_common():
        yield f"{_EVENTS[event]}: {count:,}"
    accounts = Counter(n.account.id for n in notices if n.account)
    known = {n.account.id: place_of(n.account) for n in notices if n.account}
    for id, count in accounts.most_common(_ACCOUNTS):
        yield f"AWS account {known[id]}: {count:,}"
    if (left := len(accounts) - _ACCOUNTS) > 0:
        yield f"and {left:,} more AWS accounts"


def _is_problem(notice: Notice) -> bool:
    return notice.problem_id is not None


def _tone(notice: Notice) -> Tone:
    if notice.event in RELIEVED:
        return Tone.GOOD
    return {
        Severity.INFO: Tone.INFO,
        Severity.WARNING: Tone.WARNING,
        Severity.ERROR: Tone.ERROR,
        Severity.CRITICAL: Tone.CRITICAL,
    }[notice.severity]


def _safe(link: str, site: str) -> str:
    """The link, if it leads into the console and can stand anywhere as it is."""
    path = link.removeprefix(f"{site}/")
    is_plain = all(one.isascii() and (one.isalnum() or one in "-_/.") for one in path)
    is_ours = link.startswith(f"{site}/") and len(link) <= _LINK
    return link if is_ours and is_plain else site
