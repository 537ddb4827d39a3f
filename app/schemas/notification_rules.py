"""Notification rules as they cross the edge: what is told, to whom and when; and what
one would have told."""

import datetime as dt
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.core.notice import NoticeEvent
from app.schemas.base import Input, Output
from app.schemas.tasks import Category, Selector
from app.schemas.texts import Name, TimeZone

MOST_PREVIEWED = 200
_DAY = 86_400


def _each_once(items: list[Any]) -> list[Any]:
    if len(set(items)) < len(items):
        raise PydanticCustomError("duplicate", "Something is named twice")
    return items


def _tellable(event: NoticeEvent) -> NoticeEvent:
    if event is NoticeEvent.TEST:
        raise PydanticCustomError("not_told", "A test goes to the channel it is of")
    return event


_Once = AfterValidator(_each_once)
_Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Zone = Annotated[
    TimeZone | None,
    Field(
        description="An IANA name. Where it is left out: the one that the rule has, and"
        " that of whoever makes it where it has none."
    ),
]
_Service = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,64}$")]
_Ids = Annotated[list[UUID], Field(min_length=1, max_length=1000), _Once]
SeverityName = Literal["info", "warning", "error", "critical"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class RuleFilters(Input):
    """All that are given must hold; null is no filter. What a notice does not have is
    not matched: who asks for a service hears nothing of the subscription."""

    categories: (
        Annotated[list[Category], Field(min_length=1, max_length=6), _Once] | None
    ) = None
    services: (
        Annotated[list[_Service], Field(min_length=1, max_length=500), _Once] | None
    ) = None
    account_ids: _Ids | None = None
    selector: Selector | None = Field(
        None, description="Labels of the AWS account, each with one of the values."
    )
    task_ids: _Ids | None = None
    severity: SeverityName = Field("info", description="The least that is told.")


class RuleDigest(Input):
    """What comes to be told is kept until then and sent as one message."""

    every: Literal["daily", "weekly"]
    at: _Clock = Field(description="A wall clock of `timezone`, such as 09:00.")
    day: Weekday | None = Field(None, description="Of a weekly one.")
    timezone: _Zone = None

    @model_validator(mode="after")
    def _day_of_week(self) -> "RuleDigest":
        if (self.every == "weekly") != (self.day is not None):
            raise PydanticCustomError("day", "A weekly digest has a day, no other has")
        return self


class RuleQuietHours(Input):
    """From one wall clock of `timezone` until the next time that it shows the other."""

    begin: _Clock
    until: _Clock
    timezone: _Zone = None
    critical_passes: StrictBool = True

    @model_validator(mode="after")
    def _not_all_day(self) -> "RuleQuietHours":
        if self.begin == self.until:
            raise PydanticCustomError("never_ends", "They end when they begin")
        return self


class DefinedDigest(RuleDigest):
    """As a rule has it: its zone stays, whatever becomes of who made it."""

    timezone: TimeZone


class DefinedQuietHours(RuleQuietHours):
    """As a rule has them: their zone stays, whatever becomes of who made it."""

    timezone: TimeZone


_Events = Annotated[
    list[Annotated[NoticeEvent, AfterValidator(_tellable)]],
    Field(min_length=1, max_length=len(NoticeEvent)),
    _Once,
]
_Channels = Annotated[list[UUID], Field(min_length=1, max_length=50), _Once]
_After = Annotated[
    StrictInt | None,
    Field(
        ge=1,
        le=100,
        description="Tell of this failure in a row, and of that one alone. Null: of"
        " each.",
    ),
]
_Delay = Annotated[
    StrictInt,
    Field(ge=0, le=7 * _DAY, description="Tell it only if it still goes on then."),
]
_Repeat = Annotated[
    StrictInt | None,
    Field(
        ge=300,
        le=7 * _DAY,
        description="Tell it again this often while it goes on and nobody has"
        " acknowledged it.",
    ),
]
_Recovery = Annotated[
    StrictBool, Field(description="Tell the end to whom the beginning was told.")
]
_EXAMPLE: dict[str, Any] = {
    "name": "Denied in production",
    "enabled": True,
    "events": ["problem.opened"],
    "filters": {
        "categories": ["AWSPermissionError"],
        "selector": {"stage": ["prod"]},
        "severity": "error",
    },
    "channel_ids": ["01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"],
    "after": None,
    "delay_seconds": 900,
    "repeat_seconds": 86_400,
    "recovery": True,
    "digest": None,
    "quiet_hours": {
        "begin": "22:00",
        "until": "07:00",
        "timezone": "Europe/Berlin",
        "critical_passes": True,
    },
}


class RuleInput(Input):
    """Which notices are told, by which channels, and when."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    name: Name
    enabled: StrictBool = True
    events: _Events
    filters: RuleFilters = Field(default_factory=RuleFilters)
    channel_ids: _Channels
    after: _After = None
    delay_seconds: _Delay = 0
    repeat_seconds: _Repeat = None
    recovery: _Recovery = True
    digest: RuleDigest | None = None
    quiet_hours: RuleQuietHours | None = None


class DefinedRule(RuleInput):
    """A rule as it is kept."""

    digest: DefinedDigest | None = None
    quiet_hours: DefinedQuietHours | None = None


def _left_alone() -> Any:
    """What a member is that the client did not send; it is never looked at."""
    return None


class RulePatch(Input):
    """What changes; members that are not sent stay. An object or list that is sent
    replaces the whole one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: Name = Field(default_factory=_left_alone)
    enabled: StrictBool = Field(default_factory=_left_alone)
    events: _Events = Field(default_factory=_left_alone)
    filters: RuleFilters = Field(default_factory=_left_alone)
    channel_ids: _Channels = Field(default_factory=_left_alone)
    after: _After = Field(default_factory=_left_alone)
    delay_seconds: _Delay = Field(default_factory=_left_alone)
    repeat_seconds: _Repeat = Field(default_factory=_left_alone)
    recovery: _Recovery = Field(default_factory=_left_alone)
    digest: RuleDigest | None = Field(default_factory=_left_alone)
    quiet_hours: RuleQuietHours | None = Field(default_factory=_left_alone)


class RuleRead(Output):
    """A rule. `channel_ids` are those of its channels that there still are: a rule may
    be left without one, and then tells nobody."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _EXAMPLE
                | {
                    "id": "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10",
                    "created_at": "2026-03-02T08:15:30Z",
                    "updated_at": "2026-03-02T08:15:30Z",
                }
            ]
        }
    )

    id: UUID
    name: str
    enabled: bool
    events: list[NoticeEvent]
    filters: RuleFilters
    channel_ids: list[UUID]
    after: int | None
    delay_seconds: int
    repeat_seconds: int | None
    recovery: bool
    digest: DefinedDigest | None
    quiet_hours: DefinedQuietHours | None
    created_at: datetime
    updated_at: datetime


class RulePreviewInput(Input):
    """A rule as it would be made or edited, and how far to look back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rule": _EXAMPLE, "last": 50}]}
    )

    rule: RuleInput
    last: StrictInt = Field(
        50, ge=1, le=MOST_PREVIEWED, description="How many notices to look at."
    )


class PreviewedTelling(Output):
    """One notice that would have been told: when it happened (`at`), when it would have
    been sent at the soonest (`not_before`), and why."""

    notice_id: UUID
    event: NoticeEvent
    title: str
    severity: SeverityName
    link: str
    at: dt.datetime
    not_before: dt.datetime
    in_digest: bool
    channel_ids: list[UUID]
    why: str


class RulePreview(Output):
    """What the rule would have told of the notices that were looked at, in the order of
    telling. `not_recorded` are events that nobody has wanted so far, so that there are
    no notices of them to look at."""

    looked_at: int
    since: datetime | None = Field(description="When the oldest of them happened.")
    tellings: list[PreviewedTelling]
    not_recorded: list[NoticeEvent]
