"""What is said of one notice, and of many at once."""

from datetime import timedelta

import pytest

from app.core.notice import NotedAccount, Notice, NoticeEvent, Severity
from app.integrations.channels.message import SHOWN, Fact, Tone, message_of
from tests.integrations.channels.notices import AT, SITE, a_notice, id_of


def test_one_notice_says_all_that_is_known() -> None:
    message = message_of([a_notice()], SITE)
    assert message.title == "The task Nightly listing fails in Production"
    assert message.tone is Tone.ERROR
    assert message.link == f"{SITE}/problems/{id_of(5)}"
    assert message.lines == a_notice().lines
    assert not message.is_digest
    facts = {fact.name: fact.value for fact in message.facts}
    assert facts == {
        "Account": "Production (123456789012)",
        "Task": "Nightly listing",
        "Services": "ec2",
        "Error": "AccessDenied: User is not authorized to perform"
        " ec2:DescribeInstances",
        "Missing action": "ec2:DescribeInstances",
        "Where": "ec2 DescribeInstances eu-west-1",
        "AWS request": "4442587F-B7D0-1234-5678-000000000000",
        "When": "2026-03-01 12:30:00 UTC",
    }


def test_what_is_not_known_is_not_said() -> None:
    bare = a_notice(account=None, task=None, services=(), error=None, lines=())
    message = message_of([bare], SITE)
    assert message.facts == (Fact("When", "2026-03-01 12:30:00 UTC"),)


@pytest.mark.parametrize(
    ("event", "severity", "tone"),
    [
        (NoticeEvent.PROBLEM_OPENED, Severity.CRITICAL, Tone.CRITICAL),
        (NoticeEvent.EXECUTION_FAILED, Severity.ERROR, Tone.ERROR),
        (NoticeEvent.EXECUTION_SKIPPED, Severity.WARNING, Tone.WARNING),
        (NoticeEvent.RESOURCE_CHANGED, Severity.INFO, Tone.INFO),
        (NoticeEvent.PROBLEM_CLOSED, Severity.ERROR, Tone.GOOD),
        (NoticeEvent.EXECUTION_RECOVERED, Severity.INFO, Tone.GOOD),
    ],
)
def test_the_tone_follows_the_severity_but_relief_is_good(
    event: NoticeEvent, severity: Severity, tone: Tone
) -> None:
    assert message_of([a_notice(event, severity=severity)], SITE).tone is tone


def _many(count: int) -> list[Notice]:
    """Of eight accounts; each tenth is closed, one is critical."""
    return [
        a_notice(
            NoticeEvent.PROBLEM_CLOSED if n % 10 == 0 else NoticeEvent.PROBLEM_OPENED,
            id=id_of(n),
            at=AT + timedelta(seconds=n),
            severity=Severity.CRITICAL if n == 77 else Severity.ERROR,
            title=f"Problem {n}",
            account=NotedAccount(id=id_of(n % 8), number=f"{n % 8:012}"),
        )
        for n in range(count)
    ]


def test_many_are_counted_and_the_worst_are_shown_first() -> None:
    message = message_of(_many(10_000), SITE)
    assert message.title == (
        "10,000 notices: problems opened 9,000, problems closed 1,000"
    )
    assert message.tone is Tone.CRITICAL
    assert message.counts == (
        "Problems opened: 9,000",
        "Problems closed: 1,000",
        *(f"AWS account {n:012}: 1,250" for n in range(5)),
        "and 3 more AWS accounts",
    )
    assert len(message.items) == SHOWN
    titles = [item.title for item in message.items]
    assert titles[:3] == ["Problem 77", "Problem 9999", "Problem 9998"]
    assert message.rest == "and 9,980 more"
    assert message.link == f"{SITE}/problems"


def test_a_shorter_digest_says_how_many_are_left_out() -> None:
    shorter = message_of(_many(100), SITE).shrunk()
    assert shorter is not None
    assert (len(shorter.items), shorter.rest) == (10, "and 90 more")


def test_a_shorter_notice_shows_that_lines_are_missing() -> None:
    message = message_of([a_notice(lines=("a", "b", "c"))], SITE)
    seen = []
    while message is not None and message.lines:
        seen.append(message.lines)
        shorter = message.shrunk()
        assert shorter is not None
        message = shorter
    assert seen == [("a", "b", "c"), ("a", "b", "…"), ("a", "…")]
