"""What notices say, by tables; and that no name or message says anything else."""

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.notice import NoticeEvent, Severity
from app.services.decisions.notice_titles import MOST_OF_NAME, TITLES, Happened, plain
from app.services.decisions.notice_words import (
    MOST_OF_LINE,
    MOST_OF_TITLE,
    Words,
    words,
)

ROOT = Path(__file__).parents[3]
HERE = "Production (123456789012)"


def error(category: str = "AWSPermissionError", **facts: Any) -> dict[str, Any]:
    return {
        "category": category,
        "code": "AccessDenied",
        "message": "Not authorized.",
        "service": "s3",
        "operation": "ListBuckets",
        "region": "eu-central-1",
        "request_id": "R-1",
        "missing_action": None,
        "advice": "Allow it.",
    } | facts


def said(event: str, failed: dict[str, Any] | None = None, **detail: Any) -> Words:
    return words(Happened(NoticeEvent(event), "Nightly", HERE, failed, detail))


LACKS = error(missing_action="s3:ListAllMyBuckets")
DAY = "2026-03-01T12:00:00+00:00"
NEXT_DAY = "2026-03-02T12:00:00+00:00"

# Event, error, detail, severity and title.
Row = tuple[str, dict[str, Any] | None, dict[str, Any], str, str]
TABLE: dict[str, Row] = {
    "an end": ("execution.succeeded", None, {}, "INFO", f"Nightly succeeded on {HERE}"),
    "a failure": ("execution.failed", LACKS, {}, "ERROR", f"Nightly failed on {HERE}"),
    "a failure that passes": (
        *("execution.failed", error("AWSServiceLimitError"), {}),
        *("WARNING", f"Nightly failed on {HERE}"),
    ),
    "a failure of ours": (
        *("execution.failed", None, {"reason": "worker_lost"}),
        *("ERROR", f"Nightly failed on {HERE}"),
    ),
    "a change of unknown outcome": (
        *("execution.interrupted", None, {}),
        *("CRITICAL", f"Nightly was interrupted in a change on {HERE}"),
    ),
    "cancelled": (
        *("execution.cancelled", None, {"reason": "cancelled"}),
        *("INFO", f"Nightly was cancelled on {HERE}"),
    ),
    "slots": (
        *("execution.skipped", None, {"reason": "scheduler_down", "slots": 7}),
        *("WARNING", f"Nightly was not run on {HERE}, 7 times"),
    ),
    "nothing runs any more": (
        *("execution.skipped", None, {"reason": "plan_limit", "slots": 1}),
        *("ERROR", f"Nightly was not run on {HERE}"),
    ),
    "meant": (
        *("execution.skipped", None, {"reason": "disabled", "slots": 1}),
        *("INFO", f"Nightly was not run on {HERE}"),
    ),
    "again": (
        *("execution.recovered", None, {"before": "failed"}),
        *("INFO", f"Nightly succeeds again on {HERE}"),
    ),
    "ill": (
        *("health.degraded", None, {"verdict": "unhealthy", "before": "healthy"}),
        *("ERROR", f"{HERE} is unhealthy, says Nightly"),
    ),
    "ailing": (
        *("health.degraded", None, {"verdict": "degraded"}),
        *("WARNING", f"{HERE} is degraded, says Nightly"),
    ),
    "well": (
        *("health.recovered", None, {"verdict": "healthy", "before": "unhealthy"}),
        *("INFO", f"{HERE} is healthy again, says Nightly"),
    ),
    "better": (
        *("health.recovered", None, {"verdict": "degraded", "before": "unhealthy"}),
        *("INFO", f"{HERE} is degraded, which is better than before, says Nightly"),
    ),
    "changes": (
        "resource.changed",
        None,
        {
            "service": "ec2",
            "region": "eu-west-1",
            "counts": {"items": 9, "new": 2, "gone": 1, "changed": 0},
        },
        *("INFO", f"ec2 in eu-west-1 of {HERE}: 2 new, 1 gone"),
    ),
    "a missing permission": (
        *("problem.opened", LACKS, {}),
        *("ERROR", f"s3:ListAllMyBuckets is not allowed on {HERE}"),
    ),
    "some permission": (
        *("problem.opened", error(), {}),
        *("ERROR", f"A permission is missing on {HERE}: AccessDenied"),
    ),
    "not believed": (
        *("problem.opened", error("AWSAuthenticationError", code="ExpiredToken"), {}),
        "CRITICAL",
        f"AWS does not accept our credentials of {HERE}: ExpiredToken",
    ),
    "throttled": (
        *("problem.opened", error("AWSServiceLimitError", code="SlowDown"), {}),
        *("WARNING", f"s3 limits our calls on {HERE}: SlowDown"),
    ),
    "a fault of AWS": (
        *("problem.opened", error("AWSServiceError", code="InternalError"), {}),
        *("WARNING", f"s3 fails on {HERE}: InternalError"),
    ),
    "no way there": (
        *("problem.opened", error("AWSConnectivityError", code="ReadTimeout"), {}),
        *("WARNING", f"s3 cannot be reached for {HERE}: ReadTimeout"),
    ),
    "a setting": (
        *("problem.opened", error("AWSConfigurationError", code="OptIn"), {}),
        *("ERROR", f"A setting stops the work on {HERE}: OptIn"),
    ),
    "solved": (
        *("problem.closed", LACKS, {"count": 3, "first_at": DAY, "last_at": NEXT_DAY}),
        *("INFO", f"Solved: s3:ListAllMyBuckets is not allowed on {HERE}"),
    ),
    "credentials": (
        *("credentials.invalid", error(), {"name": "Reader", "status": "failed"}),
        *("CRITICAL", f"The credentials Reader of {HERE} do not work any more"),
    ),
    "refused credentials": (
        *("credentials.invalid", error(), {"name": "Reader", "status": "refused"}),
        *("CRITICAL", f"The credentials Reader of {HERE} are refused"),
    ),
    "credentials that work": (
        *("credentials.recovered", None, {"name": "Reader", "status": "verified"}),
        *("INFO", f"The credentials Reader of {HERE} work again"),
    ),
    "another plan": (
        "subscription.changed",
        None,
        {
            "plan": "Team",
            "plan_before": "Free",
            "status": "active",
            "status_before": "active",
        },
        *("INFO", "The plan is Team now"),
    ),
    "no money": (
        "subscription.changed",
        None,
        {
            "plan": "Team",
            "plan_before": "Team",
            "status": "past_due",
            "status_before": "active",
        },
        *("ERROR", "A payment has failed"),
    ),
    "over": (
        "subscription.changed",
        None,
        {
            "plan": "Free",
            "plan_before": "Team",
            "status": "canceled",
            "status_before": "active",
        },
        *("WARNING", "The subscription has ended, and the plan is Free now"),
    ),
    "read-only": (
        *("subscription.read_only", None, {}),
        *("ERROR", "The organization is read-only, for its payment is overdue"),
    ),
    "near a limit": (
        *("usage.near", None, {"metric": "members", "used": 8, "allowed": 10}),
        *("WARNING", "A limit of the plan is near: members, 8 of 10"),
    ),
    "at a limit": (
        "usage.reached",
        None,
        {"metric": "enabled_tasks", "used": 5000, "allowed": 5000},
        *("ERROR", "A limit of the plan is reached: enabled tasks, 5,000 of 5,000"),
    ),
    "deaf": (
        *("channel.failing", None, {"name": "#ops"}),
        *("ERROR", "The channel #ops cannot be told anything"),
    ),
    "hears again": (
        *("channel.recovered", None, {"name": "#ops"}),
        *("INFO", "The channel #ops is told again"),
    ),
    "a test": ("test", None, {}, "INFO", "This is a test, and nothing has happened"),
}


@pytest.mark.parametrize(
    ("event", "failed", "detail", "severity", "title"), TABLE.values(), ids=TABLE
)
def test_a_notice_says_what_happened_and_how_grave_it_is(
    event: str,
    failed: dict[str, Any] | None,
    detail: dict[str, Any],
    severity: str,
    title: str,
) -> None:
    told = said(event, failed, **detail)
    assert (told.severity, told.title) == (Severity[severity], title)


def test_every_event_has_words() -> None:
    assert {event.value for event in NoticeEvent} == {row[0] for row in TABLE.values()}
    assert set(TITLES) == set(NoticeEvent)


def test_every_event_is_explained() -> None:
    explained = (ROOT / "docs/notices.md").read_text()
    assert [event for event in NoticeEvent if f"`{event.value}`" not in explained] == []


def test_a_failure_says_what_aws_said_and_what_to_do() -> None:
    assert said("problem.opened", LACKS).lines == (
        "Met by the task Nightly.",
        "AWSPermissionError, AccessDenied: Not authorized.",
        "The call was s3:ListBuckets in eu-central-1, request R-1.",
        "Missing is the permission s3:ListAllMyBuckets.",
        "Allow it.",
    )


def test_an_end_says_how_long_it_lasted_and_not_how_to_mend_it() -> None:
    life = {"count": 3, "first_at": DAY, "last_at": NEXT_DAY}
    assert said("problem.closed", LACKS, **life).lines == (
        "Met by the task Nightly.",
        "It struck 3 times, from 2026-03-01 12:00:00 UTC to 2026-03-02 12:00:00 UTC.",
        "The task that met it has succeeded since.",
    )
    once = said("problem.closed", LACKS, **life | {"count": 1})
    assert "It struck once, at 2026-03-01 12:00:00 UTC." in once.lines


def test_slots_say_why_and_from_when_to_when() -> None:
    gap: dict[str, Any] = {"scheduled_for": DAY, "scheduled_until": NEXT_DAY}
    told = said("execution.skipped", slots=2, reason="scheduler_down", **gap)
    assert told.lines == (
        "Why: no beat ran, and they were late by more than the task's grace.",
        "From 2026-03-01 12:00:00 UTC to 2026-03-02 12:00:00 UTC.",
    )


def test_what_was_not_read_is_said() -> None:
    (line,) = said("execution.cancelled", units_not_read=4).lines
    assert line.startswith("4 units were not read")


def test_a_verdict_says_what_it_was_and_of_how_many() -> None:
    counts = {"healthy": 4, "unhealthy": 1, "degraded": 0}
    told = said("health.degraded", verdict="unhealthy", counts=counts)
    assert told.lines == (
        "It had no verdict before.",
        "Resources: 4 healthy, 1 unhealthy.",
    )


def test_a_change_names_some_of_what_is_otherwise() -> None:
    counts = {"items": 9, "new": 5, "returned": 0, "changed": 1, "gone": 1}
    web = {"type": "ec2:vpc", "identity": "vpc-1", "name": "web", "fate": "changed"}
    new = {"type": "ec2:vpc", "identity": "vpc-2", "name": None, "fate": "new"}
    told = said("resource.changed", counts=counts, resources=[web, *[new] * 6])
    assert told.lines == (
        "Changed: ec2:vpc vpc-1 (web).",
        *["New: ec2:vpc vpc-2."] * 4,
        "And 2 more.",
    )
    assert said("resource.changed", counts=counts | {"new": 0, "gone": 0}).lines == ()


def test_a_long_name_is_cut_where_it_is_seen() -> None:
    assert plain("x" * 200) == "x" * (MOST_OF_NAME - 1) + "…"
    # Hidden characters do not hide that there is more.
    assert plain("a" + "\u200b" * 10_000 + "b") == "a…"


HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\r\n\0\x1b\u202e\u2066\u200b\u2028\ud800{}%<>*_`@!|[]()"),
    ),
    max_size=400,
)


@given(st.sampled_from(list(NoticeEvent)), HOSTILE, HOSTILE)
def test_no_name_splits_a_line_or_hides_anything(
    event: NoticeEvent, name: str, message: str
) -> None:
    failed = dict.fromkeys(error(), message) | {"category": name}
    detail = {
        **dict.fromkeys(("name", "plan", "reason", "service", "region"), name),
        "verdict": message,
        "before": message,
        "resources": [{"type": name, "identity": name, "name": message, "fate": "new"}],
        "counts": {name: 1, "new": 2},
        "status": name,
        "status_before": message,
    }
    told = words(Happened(event, name, message, failed, detail))
    assert 0 < len(told.title) <= MOST_OF_TITLE
    for text in (told.title, *told.lines):
        assert len(text) <= MOST_OF_LINE
        hidden = {unicodedata.category(one) for one in text}
        assert not hidden & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
