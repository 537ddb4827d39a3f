"""The atom of work at AWS, and what it finds or does: unit, item, finding, intent."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["list", "health", "act"]
Verdict = Literal[
    "healthy",
    "degraded",
    "unhealthy",
    "in_transition",
    "inactive",
    "unknown",
    "reachable",
]

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Unit:
    """One listing, one check or one act in one region; `region` is "global" where a
    service is asked once per account. `key` is `ec2:DescribeInstances`,
    `ec2:instance_status` or `sqs:SendMessage#2`.
    """

    kind: Kind
    service: str
    region: str
    key: str


@dataclass(frozen=True, slots=True)
class Item:
    """One resource as AWS described it: redacted, JSON-safe, at most 1 MiB. `tags` are
    those that the document holds."""

    type: str
    id: str
    arn: str | None
    name: str | None
    state: str | None
    region: str
    document: dict[str, Any]
    content_hash: str
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one resource. `reachable` means that it was listed and that AWS
    keeps no health state for it: it is not healthy, it is only there."""

    type: str
    id: str
    arn: str | None
    name: str | None
    region: str
    verdict: Verdict
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intent:
    """The one call by which a unit changes something. `operation` is botocore's."""

    service: str
    operation: str
    region: str
    parameters: dict[str, Any]


class NotApplicable(Exception):
    """There is nothing to look at: a disabled region, or a service that is not there.

    `reason` is a sentence for the user. It is no failure.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
