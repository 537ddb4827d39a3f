"""DMS: replication instances, replication tasks, and connections to endpoints.

The states are free text; a word that is not listed here is unknown.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

INSTANCE_STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    "maintenance": "degraded",
    "modifying": "degraded",
    "upgrading": "degraded",
    "resetting-master-credentials": "degraded",
    "creating": "in_transition",
    "deleting": "in_transition",
    "rebooting": "in_transition",
    "deleted": "inactive",
    "failed": "unhealthy",
    "storage-full": "unhealthy",
    "incompatible-credentials": "unhealthy",
    "incompatible-network": "unhealthy",
}
TASK_STATES: Mapping[str, Verdict] = {
    "running": "healthy",
    "creating": "in_transition",
    "deleting": "in_transition",
    "modifying": "in_transition",
    "moving": "in_transition",
    "starting": "in_transition",
    "stopping": "in_transition",
    "testing": "in_transition",
    "ready": "inactive",
    "stopped": "inactive",
    "failed": "unhealthy",
    "failed-move": "unhealthy",
}
CONNECTION_STATES: Mapping[str, Verdict] = {
    "successful": "healthy",
    "testing": "in_transition",
    "deleting": "in_transition",
    "failed": "unhealthy",
}


def replication_instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("ReplicationInstanceStatus")
    return by_word("replication instance's status", status, INSTANCE_STATES)


def replication_task(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = by_word("replication task's status", item.get("Status"), TASK_STATES)
    erred = item.get("ReplicationTaskStats", {}).get("TablesErrored")
    if not erred:
        return status
    return worst(status, Judgement("degraded", f"{erred} of its tables have errors."))


def connection(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("connection's last test", item.get("Status"), CONNECTION_STATES)


CHECKS = (
    HealthCheck(
        key="dms:replication_instance",
        title="Replication instances",
        listing="dms:DescribeReplicationInstances",
        actions=("dms:DescribeReplicationInstances",),
        judge=replication_instance,
        facts={"status": "ReplicationInstanceStatus"},
    ),
    HealthCheck(
        key="dms:replication_task",
        title="Replication tasks",
        listing="dms:DescribeReplicationTasks",
        actions=("dms:DescribeReplicationTasks",),
        judge=replication_task,
        facts={
            "status": "Status",
            "stop_reason": "StopReason",
            "tables_with_errors": "ReplicationTaskStats.TablesErrored",
        },
    ),
    HealthCheck(
        key="dms:connection",
        title="Connections to endpoints: the last test",
        listing="dms:DescribeConnections",
        actions=("dms:DescribeConnections",),
        judge=connection,
        facts={"status": "Status", "endpoint": "EndpointIdentifier"},
    ),
)
