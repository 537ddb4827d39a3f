"""The title of each notice, one sentence without its end, from recorded facts. Names
may be hostile: here they become one line of visible characters, cut where they are
long."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.notice import NoticeEvent
from app.services.decisions.usage import IN_WORDS

MOST_OF_NAME = 80
CUT = "…"

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with what is known of it. `error` is as it was recorded, `detail` what
    the document of the notice holds under that name (docs/notices.md)."""

    event: NoticeEvent
    task: str | None = None
    account: str | None = None
    error: Facts | None = None
    detail: Facts = field(default_factory=dict)


# Controls, formats (direction, zero width), surrogates, private, line separators.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# So much is looked at for each character that is shown.
_LOOK = 8


def plain(text: str, most: int = MOST_OF_NAME) -> str:
    """The text as one line: what controls, directs or hides is a space, and spaces are
    one. Cut visibly behind `most` characters."""
    looked_at = text[: most * _LOOK]
    visible = (
        " " if unicodedata.category(one) in _INVISIBLE else one for one in looked_at
    )
    line = " ".join("".join(visible).split())
    return cut(line if looked_at == text else f"{line}{CUT}", most)


def cut(text: str, most: int) -> str:
    """At most so many characters, the last of which says that there were more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + CUT


def named_task(happened: Happened) -> str:
    return plain(happened.task or "") or "A task"


def _account(happened: Happened) -> str:
    return plain(happened.account or "") or "an AWS account"


def _name(happened: Happened) -> str:
    return plain(str(happened.detail.get("name") or "")) or "without a name"


def _on(what: str) -> Callable[[Happened], str]:
    return lambda happened: f"{named_task(happened)} {what} on {_account(happened)}"


def _skipped(happened: Happened) -> str:
    slots = happened.detail.get("slots") or 1
    times = f", {slots} times" if slots > 1 else ""
    where = f" on {_account(happened)}" if happened.account else ""
    return f"{named_task(happened)} was not run{where}{times}"


def _degraded(happened: Happened) -> str:
    verdict = plain(str(happened.detail.get("verdict") or "not healthy"))
    return f"{_account(happened)} is {verdict}, says {named_task(happened)}"


def _better(happened: Happened) -> str:
    verdict = plain(str(happened.detail.get("verdict") or "healthy"))
    again = " again" if verdict == "healthy" else ", which is better than before"
    return f"{_account(happened)} is {verdict}{again}, says {named_task(happened)}"


FATES = ("new", "returned", "changed", "gone")


def _changed(happened: Happened) -> str:
    counts = happened.detail.get("counts") or {}
    told = [f"{counts[fate]} {fate}" for fate in FATES if counts.get(fate)]
    what = plain(str(happened.detail.get("service") or "resources"))
    region = plain(str(happened.detail.get("region") or ""))
    where = f"{what} in {region}" if region else what
    return f"{where} of {_account(happened)}: {', '.join(told) or 'changes'}"


def _problem(happened: Happened) -> str:
    error = happened.error or {}
    category = str(error.get("category"))
    code = plain(str(error.get("code") or "no code"))
    missing = error.get("missing_action")
    account = _account(happened)
    if category == "AWSPermissionError" and missing:
        return f"{plain(str(missing))} is not allowed on {account}"
    said = _PROBLEMS.get(category, "Work on {account} fails: {code}")
    service = plain(str(error.get("service") or "AWS"))
    return said.format(account=account, code=code, service=service)


_PROBLEMS: Mapping[str, str] = {
    "AWSAuthenticationError": "AWS does not accept our credentials of {account}:"
    " {code}",
    "AWSPermissionError": "A permission is missing on {account}: {code}",
    "AWSServiceLimitError": "{service} limits our calls on {account}: {code}",
    "AWSServiceError": "{service} fails on {account}: {code}",
    "AWSConnectivityError": "{service} cannot be reached for {account}: {code}",
    "AWSConfigurationError": "A setting stops the work on {account}: {code}",
}


def _credentials(happened: Happened) -> str:
    said = _CREDENTIALS.get(str(happened.detail.get("status")), "do not work any more")
    return f"The credentials {_name(happened)} of {_account(happened)} {said}"


_CREDENTIALS: Mapping[str, str] = {"refused": "are refused", "verified": "work again"}


_STANDINGS: Mapping[str, str] = {
    "none": "There is no subscription",
    "trialing": "The trial has begun",
    "active": "The subscription is active",
    "past_due": "A payment has failed",
    "unpaid": "The subscription is unpaid",
    "paused": "The subscription is paused",
    "canceled": "The subscription has ended",
    "incomplete": "The first payment is not complete",
    "incomplete_expired": "The first payment was never completed",
    "complimentary": "The plan is given without a subscription",
}


def _subscription(happened: Happened) -> str:
    detail = happened.detail
    plan = plain(str(detail.get("plan") or "another one"))
    standing = _STANDINGS.get(str(detail.get("status")), "The subscription changed")
    if detail.get("status") == detail.get("status_before"):
        return f"The plan is {plan} now"
    if detail.get("plan") == detail.get("plan_before"):
        return standing
    return f"{standing}, and the plan is {plan} now"


def _limit(happened: Happened) -> str:
    detail = happened.detail
    is_reached = happened.event is NoticeEvent.USAGE_REACHED
    what = IN_WORDS.get(str(detail.get("metric")), plain(str(detail.get("metric"))))
    used, allowed = detail.get("used") or 0, detail.get("allowed") or 0
    so = "reached" if is_reached else "near"
    return f"A limit of the plan is {so}: {what}, {used:,} of {allowed:,}"


TITLES: Mapping[NoticeEvent, Callable[[Happened], str]] = {
    NoticeEvent.EXECUTION_SUCCEEDED: _on("succeeded"),
    NoticeEvent.EXECUTION_FAILED: _on("failed"),
    NoticeEvent.EXECUTION_INTERRUPTED: _on("was interrupted in a change"),
    NoticeEvent.EXECUTION_CANCELLED: _on("was cancelled"),
    NoticeEvent.EXECUTION_SKIPPED: _skipped,
    NoticeEvent.EXECUTION_RECOVERED: _on("succeeds again"),
    NoticeEvent.HEALTH_DEGRADED: _degraded,
    NoticeEvent.HEALTH_RECOVERED: _better,
    NoticeEvent.RESOURCE_CHANGED: _changed,
    NoticeEvent.PROBLEM_OPENED: _problem,
    NoticeEvent.PROBLEM_CLOSED: lambda happened: f"Solved: {_problem(happened)}",
    NoticeEvent.CREDENTIALS_INVALID: _credentials,
    NoticeEvent.CREDENTIALS_RECOVERED: _credentials,
    NoticeEvent.SUBSCRIPTION_CHANGED: _subscription,
    NoticeEvent.SUBSCRIPTION_READ_ONLY: lambda _: (
        "The organization is read-only, for its payment is overdue"
    ),
    NoticeEvent.USAGE_NEAR: _limit,
    NoticeEvent.USAGE_REACHED: _limit,
    NoticeEvent.CHANNEL_FAILING: lambda happened: (
        f"The channel {_name(happened)} cannot be told anything"
    ),
    NoticeEvent.CHANNEL_RECOVERED: lambda happened: (
        f"The channel {_name(happened)} is told again"
    ),
    NoticeEvent.TEST: lambda _: "This is a test, and nothing has happened",
}
