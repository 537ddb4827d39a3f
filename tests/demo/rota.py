"""The tasks that the demo's customer wants done."""

from datetime import datetime, timedelta
from typing import Any

from tests.demo.client import Json
from tests.emulator_account import HOME_REGION, SECOND_REGION

REGIONS = [HOME_REGION, SECOND_REGION]
ZONE = "Europe/Berlin"
EVERY_MINUTE: Json = {"kind": "cron", "expression": "* * * * *", "timezone": ZONE}
ON_DEMAND: Json = {"kind": "on_demand"}

# What each task is called, and by that found again.
SERVERS = "Health of servers and databases"
INVENTORY = "Inventory of servers and functions"
QUEUES = "Health of queues and alarms"
DATABASES = "Inventory of databases and zones"
SECRETS = "Inventory of secrets and keys"
ARCHIVE = "Inventory of the archive account"

BY_THE_BEAT = (SERVERS, INVENTORY, SECRETS)
BY_HAND = (QUEUES, DATABASES, ARCHIVE)
SUCCEED = (SERVERS, INVENTORY, QUEUES, DATABASES)


def rate(start: datetime) -> Json:
    """Every minute, the first time at `start`."""
    anchor = start.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"kind": "cron", "expression": "rate(1 minute)", "anchor": anchor}


def tasks(production: str, archive: str, now: datetime) -> list[Json]:
    """The definitions, on the accounts with these ids."""
    soon = (now + timedelta(seconds=3)).replace(microsecond=0)
    daily = {"kind": "daily", "time": "07:00", "timezone": ZONE}
    return [
        _health(
            SERVERS,
            production,
            rate(soon),
            ["ec2:instance_status", "ec2:volume", "rds:db_instance", "dynamodb:table"],
        ),
        _listing(
            INVENTORY,
            production,
            EVERY_MINUTE,
            [
                *("ec2:DescribeInstances", "ec2:DescribeVolumes"),
                *("ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"),
                *("lambda:ListFunctions", "ecs:DescribeClusters", "s3:ListBuckets"),
            ],
        ),
        _health(
            QUEUES, production, ON_DEMAND, ["sqs:queue", "cloudwatch:alarm", "kms:key"]
        ),
        _listing(
            DATABASES,
            production,
            daily,
            [
                *("rds:DescribeDBInstances", "dynamodb:DescribeTable"),
                *("elasticache:DescribeCacheClusters", "route53:ListHostedZones"),
            ],
        ),
        _listing(
            SECRETS,
            production,
            EVERY_MINUTE,
            ["secretsmanager:ListSecrets", "kms:DescribeKey"],
        ),
        _listing(
            ARCHIVE, archive, ON_DEMAND, ["ec2:DescribeInstances", "s3:ListBuckets"]
        ),
    ]


def _health(name: str, account: str, schedule: Json, checks: list[str]) -> Json:
    return _task(name, "health_check", account, schedule, {"checks": checks})


def _listing(name: str, account: str, schedule: Json, operations: list[str]) -> Json:
    return _task(name, "resource_list", account, schedule, {"operations": operations})


def _task(
    name: str,
    type: str,
    account: str,
    schedule: Json,
    parameters: dict[str, list[str]],
) -> dict[str, Any]:
    (keys,) = parameters.values()
    return {
        "name": name,
        "type": type,
        "services": sorted({key.split(":", 1)[0] for key in keys}),
        "regions": REGIONS,
        "targets": {"account_ids": [account]},
        "schedule": schedule,
        "parameters": parameters,
        # So that what a role does permit is seen, though the execution fails.
        "on_error": "isolate",
        # So that after a worker's death every slot is made up for, not skipped.
        "overlap": "queue",
    }
