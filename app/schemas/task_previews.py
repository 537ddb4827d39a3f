"""What a task would do and need, told before it is saved."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from app.models.task import ActionKind
from app.schemas.base import Output
from app.schemas.schedules import PlannedRun
from app.schemas.tasks import TaskCreate

UNITS_SHOWN = 500

LimitName = Literal[
    "enabled_tasks",
    "shortest_interval_seconds",
    "units_per_execution",
    "executions_per_month",
    "aws_calls_per_month",
]


class TaskPreviewInput(TaskCreate):
    """A task as it would be created, or as `replaces` would become."""

    replaces: UUID | None = Field(
        None, description="The task of which this is a change."
    )


class PlannedUnit(Output):
    """`not_applicable` says why there is nothing to look at, where that is known
    already; such a unit calls nothing."""

    kind: Literal["list", "health"]
    service: str
    region: str
    key: str
    not_applicable: str | None


class PlannedUnits(Output):
    """The units on one account. `count` is exact, or with `all_enabled` the most that
    it can be. `items` are the first of them, `not_shown` says how many more there
    are."""

    count: int
    bound: Literal["exact", "at_most"]
    not_applicable: int
    items: list[PlannedUnit]
    not_shown: int


class PlannedTargets(Output):
    """The accounts as they are now; a selector looks again at each run."""

    account_ids: list[UUID]
    without_verified_credentials: list[UUID]


class PaidCalls(Output):
    """Operations for which AWS is known to charge by the call. `not_known` says of how
    many others, that a run may call as well, it is not written down whether it does."""

    charged: list[str]
    not_known: int


class AccountPermissions(Output):
    """What IAM's simulation said when the account's credentials were verified last
    (`as_of`): `missing` would be refused, of `unknown` it was not asked. It is weaker
    than a real call."""

    account_id: UUID
    as_of: datetime | None
    missing: list[str]
    unknown: list[str]


class Permissions(Output):
    """What a read role needs for this task, as actions and as policies to attach, and
    what is missing on each account."""

    needed: list[str]
    accounts: list[AccountPermissions]
    policies: list[dict[str, Any]]


class LimitEffect(Output):
    """`allowed` null is no limit; `needed` null does not apply. The months' figures are
    of this task alone: `needed` for the next 30 days, `needed_this_month` until this
    month ends, of which the organization has `left` what others did not use. Either may
    exceed its limit. A bound that does not decide is `unknown`."""

    name: LimitName
    allowed: int | None
    needed: int | None
    needed_this_month: int | None
    left: int | None
    verdict: Literal["within", "exceeded", "unknown"]


class PlanEffect(Output):
    plan: str
    limits: list[LimitEffect]


class TaskPreview(Output):
    """`aws_calls_at_least` is of one run on all accounts that have verified credentials
    and have enabled these regions: the calls that open sessions, one that asks for the
    account's regions, and the first page of each listing. Further pages, closer looks
    at resources and retries come on top."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "read",
                    "schedule_in_words": "Every day at 07:00, Europe/Berlin.",
                    "next_runs": [
                        {
                            "utc": "2026-03-03T06:00:00Z",
                            "local": "2026-03-03T07:00:00+01:00",
                            "note": None,
                        }
                    ],
                    "targets": {
                        "account_ids": ["01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31"],
                        "without_verified_credentials": [],
                    },
                    "units": {
                        "count": 1,
                        "bound": "exact",
                        "not_applicable": 0,
                        "items": [
                            {
                                "kind": "health",
                                "service": "rds",
                                "region": "eu-central-1",
                                "key": "rds:db_instance",
                                "not_applicable": None,
                            }
                        ],
                        "not_shown": 0,
                    },
                    "aws_calls_at_least": 6,
                    "paid_calls": {"charged": [], "not_known": 4},
                    "permissions": {
                        "needed": ["rds:DescribeDBInstances"],
                        "accounts": [
                            {
                                "account_id": "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31",
                                "as_of": "2026-03-02T06:00:04Z",
                                "missing": ["rds:DescribeDBInstances"],
                                "unknown": [],
                            }
                        ],
                        "policies": [
                            {
                                "Version": "2012-10-17",
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Action": ["rds:DescribeDBInstances"],
                                        "Resource": "*",
                                    }
                                ],
                            }
                        ],
                    },
                    "plan": {
                        "plan": "team",
                        "limits": [
                            {
                                "name": "units_per_execution",
                                "allowed": 2000,
                                "needed": 1,
                                "left": None,
                                "verdict": "within",
                            }
                        ],
                    },
                }
            ]
        }
    )

    kind: ActionKind
    schedule_in_words: str
    next_runs: list[PlannedRun]
    targets: PlannedTargets
    units: PlannedUnits
    aws_calls_at_least: int
    paid_calls: PaidCalls
    permissions: Permissions
    plan: PlanEffect
