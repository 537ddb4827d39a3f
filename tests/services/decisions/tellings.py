"""Notices, rules and the course of one thing, for tests of who is told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
from app.services.decisions.routing import (
    Decision,
    Routed,
    Rule,
    Scene,
    Seen,
    Standing,
    Watch,
    decide,
    look_again,
)

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MAIL, CHAT, CLIENT = (UUID(int=number) for number in (1, 2, 3))
RULE, OTHER = UUID(int=10), UUID(int=11)
ACCOUNT, TASK, PROBLEM = (UUID(int=number) for number in (20, 30, 40))
CHANNELS: Mapping[UUID, Any] = {MAIL: None, CHAT: None, CLIENT: {"client": ["acme"]}}
SCENE = Scene(NOW, CHANNELS)
E = NoticeEvent


def notice(event: NoticeEvent = E.PROBLEM_OPENED, **members: Any) -> Notice:
    facts: dict[str, Any] = {
        "id": UUID(int=99),
        "event": event,
        "at": NOW,
        "severity": Severity.ERROR,
        "organization": Named(id=UUID(int=5), name="Acme"),
        "title": "Something happened",
        "link": "https://example.test/",
        "account": NotedAccount(id=ACCOUNT, number="111122223333"),
        "task": Named(id=TASK, name="EC2"),
        "problem_id": PROBLEM if event.startswith("problem.") else None,
        "services": ("ec2",),
        "error": NotedError(
            category="AWSPermissionError", code="AccessDenied", message="No."
        ),
    }
    return Notice(**facts | members)


def seen(event: NoticeEvent = E.PROBLEM_OPENED, **members: Any) -> Seen:
    return Seen(notice(event, **members), labels={"client": "acme", "stage": "prod"})


def rule(**members: Any) -> Rule:
    facts: dict[str, Any] = {
        "id": RULE,
        "name": "Problems",
        "events": {E.PROBLEM_OPENED, E.PROBLEM_CLOSED},
        "channel_ids": (MAIL,),
    }
    return Rule(**facts | members)


def told(decision: Decision) -> list[UUID]:
    return [one.channel_id for one in decision.routed]


def watch_of(decision: Decision) -> Watch:
    (watch,) = decision.watches
    return watch


class Course:
    """One rule over one thing in time, as the router carries it."""

    def __init__(self, of: Rule, **scene: Any) -> None:
        self.rule = of
        self.scene = Scene(NOW, CHANNELS, **scene)
        self.watch: Watch | None = None
        self.last: Seen | None = None

    def after(self, pause: timedelta) -> "Course":
        self.scene = replace(self.scene, now=self.scene.now + pause)
        return self

    def tell(self, event: NoticeEvent, **members: Any) -> list[Routed]:
        self.last = seen(event, at=self.scene.now, **members)
        watches = {self.rule.id: self.watch} if self.watch else {}
        return self._kept(decide(self.last, [self.rule], watches, self.scene))

    def look(self, standing: Standing | None = None) -> list[Routed]:
        assert self.watch is not None
        assert self.last is not None
        if self.watch.due_at is None or self.watch.due_at > self.scene.now:
            return []
        decision = look_again(self.last, self.rule, self.watch, self.scene, standing)
        return self._kept(decision)

    def _kept(self, decision: Decision) -> list[Routed]:
        if decision.watches:
            self.watch = watch_of(decision)
        return list(decision.routed)
