"""Health as it crosses the edge: verdicts by account and service."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.schemas.base import Output
from app.schemas.executions import CheckTier

HealthVerdict = Literal[
    "unhealthy",
    "degraded",
    "unknown",
    "in_transition",
    "healthy",
    "inactive",
    "reachable",
    "excluded",
    "no_resources",
    "not_applicable",
    "not_watched",
]


class ServiceHealthRead(Output):
    """The worst decides. `reachable` is listed, without a health state. A verdict older
    than its task's interval and grace is `unknown` with the reason `stale`."""

    service: str
    verdict: HealthVerdict
    reason: str | None = Field(
        description="Why it is unknown: stale, not_read, or the category of an error."
    )
    summary: str
    as_of: datetime | None = Field(description="Of the oldest read that it rests on.")
    counts: dict[str, int] = Field(description="Resources by verdict, where known.")
    tiers: list[CheckTier] = Field(
        description="Who wrote the checks that looked: curated ones know the resource,"
        " generic ones the words of its state, reachable ones that AWS answered."
    )
    not_known: dict[str, int] = Field(
        description="Reads (a check in a region) that say nothing, by reason."
    )


class AccountHealthRead(Output):
    """An account with every service that is watched, was watched, or has resources in
    the inventory. Any other service is not watched."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
                    "account_id": "123456789012",
                    "name": "Production",
                    "labels": {"client": "north"},
                    "connected": True,
                    "verdict": "unhealthy",
                    "as_of": "2026-03-03T06:00:04Z",
                    "services": [
                        {
                            "service": "ec2",
                            "verdict": "unhealthy",
                            "reason": None,
                            "summary": "1 of 13 resources: unhealthy.",
                            "as_of": "2026-03-03T06:00:04Z",
                            "counts": {"healthy": 12, "unhealthy": 1},
                            "tiers": ["curated"],
                            "not_known": {},
                        }
                    ],
                }
            ]
        }
    )

    id: UUID
    account_id: str
    name: str
    labels: dict[str, str]
    connected: bool
    verdict: HealthVerdict
    as_of: datetime | None
    services: list[ServiceHealthRead]


class HealthSummaryRead(Output):
    """How all accounts are, in one answer, however many there are."""

    accounts: int = Field(description="All that are seen, disconnected ones included.")
    verdicts: dict[HealthVerdict, int] = Field(
        description="Connected accounts by their verdict; none that nobody has."
    )
    first: list[AccountHealthRead] = Field(
        description="What to look at first, twenty at most: ill ones, those that are"
        " not known or not watched, then the others."
    )
