"""Notices as they are told."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.core.notice import (
    Named,
    NotedAccount,
    NotedError,
    Notice,
    NoticeEvent,
    Severity,
)

SITE = "https://cloudrota.example"
AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def id_of(number: int) -> UUID:
    return UUID(int=number)


def a_notice(event: NoticeEvent = NoticeEvent.PROBLEM_OPENED, **facts: Any) -> Notice:
    """One that is complete; what is given replaces its facts."""
    known: dict[str, Any] = {
        "id": id_of(1),
        "event": event,
        "at": AT,
        "severity": Severity.ERROR,
        "organization": Named(id=id_of(2), name="Acme"),
        "title": "The task Nightly listing fails in Production",
        "lines": (
            "AWS denied ec2:DescribeInstances in eu-west-1.",
            "Add the action to the role's policy.",
        ),
        "link": f"{SITE}/problems/{id_of(5)}",
        "account": NotedAccount(id=id_of(3), number="123456789012", name="Production"),
        "task": Named(id=id_of(4), name="Nightly listing"),
        "problem_id": id_of(5),
        "services": ("ec2",),
        "error": NotedError(
            category="permission",
            code="AccessDenied",
            message="User is not authorized to perform ec2:DescribeInstances",
            service="ec2",
            operation="DescribeInstances",
            region="eu-west-1",
            request_id="4442587F-B7D0-1234-5678-000000000000",
            missing_action="ec2:DescribeInstances",
            advice="Add the action to the role's policy.",
        ),
    }
    return Notice(**(known | facts))
