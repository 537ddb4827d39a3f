"""The verdict on one resource: tables of (what AWS says → what we say)."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from app.aws.services.check import Judgement, by_word, worst
from app.aws.services.health import check_of
from tests.aws.fake_aws import MOMENT

DAY = timedelta(days=1)
Item = Mapping[str, Any]


def instance(
    state: str = "running", own: str = "ok", system: str = "ok", **more: Any
) -> Item:
    return {
        "InstanceState": {"Name": state},
        "InstanceStatus": {"Status": own},
        "SystemStatus": {"Status": system},
        **more,
    }


def event(description: str = "Reboot") -> Item:
    return {"Code": "system-reboot", "NotBefore": MOMENT, "Description": description}


def vpn(*tunnels: str, state: str = "available") -> Item:
    return {"State": state, "VgwTelemetry": [{"Status": one} for one in tunnels]}


def function(state: str, update: str = "Successful") -> Item:
    return {"Configuration": {"State": state, "LastUpdateStatus": update}}


def service(running: int, desired: int, rollout: str = "COMPLETED") -> Item:
    primary = {"status": "PRIMARY", "rolloutState": rollout}
    old = {"status": "ACTIVE", "rolloutState": "FAILED"}
    return {
        "status": "ACTIVE",
        "runningCount": running,
        "desiredCount": desired,
        "deployments": [primary, old],
    }


def table(status: str, *replicas: str) -> Item:
    return {
        "TableStatus": status,
        "Replicas": [{"RegionName": "r", "ReplicaStatus": one} for one in replicas],
    }


def cache(status: str, nodes: int = 1, failover: str = "enabled") -> Item:
    clusters = [str(n) for n in range(nodes)]
    return {
        "Status": status,
        "MemberClusters": clusters,
        "AutomaticFailover": failover,
    }


def observed(*reports: str) -> Item:
    seen = [{"StatusReport": {"Status": one}} for one in reports]
    return {"Observed": {"HealthCheckObservations": seen}}


def key(age: timedelta, status: str = "Active") -> Item:
    return {"Status": status, "CreateDate": MOMENT - age}


def secret(due_in: timedelta, *replicas: str) -> Item:
    copies = [{"Region": "r", "Status": one} for one in replicas]
    return {
        "RotationEnabled": True,
        "NextRotationDate": MOMENT + due_in,
        "Described": {"ReplicationStatus": copies},
    }


def queue(dead: int | None, oldest: int = 0) -> Item:
    held = {} if dead is None else {"ApproximateNumberOfMessages": str(dead)}
    return {
        "RedrivePolicy": "{}",
        "DeadLetterUrl": {"QueueUrl": "u"},
        "DeadLetters": {"Attributes": held},
        "OldestMessage": {"Datapoints": [{"Maximum": float(oldest)}]},
    }


def stream(status: str, lag_seconds: int = 0) -> Item:
    points = [{"Maximum": lag_seconds * 1000.0}]
    return {"StreamStatus": status, "ReaderLag": {"Datapoints": points}}


def targets(*states: str) -> Item:
    health = [{"TargetHealth": {"State": state}} for state in states]
    return {"Targets": {"TargetHealthDescriptions": health}}


def group(working: int, desired: int, *suspended: str) -> Item:
    one = {"LifecycleState": "InService", "HealthStatus": "Healthy"}
    sick = {"LifecycleState": "InService", "HealthStatus": "Unhealthy"}
    return {
        "DesiredCapacity": desired,
        "Instances": [one] * working + [sick],
        "SuspendedProcesses": [{"ProcessName": name} for name in suspended],
    }


QUIET: Item = {"OldestMessage": {"Datapoints": []}}

VERDICTS: list[tuple[str, Item, str]] = [
    ("ec2:instance_status", instance(), "healthy"),
    ("ec2:instance_status", instance(own="initializing"), "degraded"),
    ("ec2:instance_status", instance(system="insufficient-data"), "degraded"),
    ("ec2:instance_status", instance(Events=[event()]), "degraded"),
    ("ec2:instance_status", instance(Events=[event("[Completed] R")]), "healthy"),
    ("ec2:instance_status", instance(own="impaired"), "unhealthy"),
    (
        "ec2:instance_status",
        instance(AttachedEbsStatus={"Status": "impaired"}),
        "unhealthy",
    ),
    ("ec2:instance_status", instance("stopped", "not-applicable"), "inactive"),
    ("ec2:instance_status", instance("pending", "initializing"), "in_transition"),
    ("ec2:instance_status", instance(own="splendid"), "unknown"),
    ("ec2:instance_status", {}, "unknown"),
    ("ec2:volume_status", {"VolumeStatus": {"Status": "ok"}}, "healthy"),
    ("ec2:volume_status", {"VolumeStatus": {"Status": "warning"}}, "degraded"),
    (
        "ec2:volume_status",
        {"VolumeStatus": {"Status": "insufficient-data"}},
        "degraded",
    ),
    ("ec2:volume_status", {"VolumeStatus": {"Status": "impaired"}}, "unhealthy"),
    ("ec2:volume_status", {}, "unknown"),
    ("ec2:volume", {"State": "in-use"}, "healthy"),
    ("ec2:volume", {"State": "error"}, "unhealthy"),
    ("ec2:volume", {"State": "creating"}, "in_transition"),
    ("ec2:volume", {"State": "odd"}, "unknown"),
    ("ec2:nat_gateway", {"State": "available"}, "healthy"),
    ("ec2:nat_gateway", {"State": "failed", "FailureMessage": "no IP"}, "unhealthy"),
    ("ec2:nat_gateway", {"State": "deleted"}, "inactive"),
    ("ec2:nat_gateway", {}, "unknown"),
    ("ec2:vpn_connection", vpn("UP", "UP"), "healthy"),
    ("ec2:vpn_connection", vpn("UP", "DOWN"), "degraded"),
    ("ec2:vpn_connection", vpn("DOWN", "DOWN"), "unhealthy"),
    ("ec2:vpn_connection", vpn(), "unknown"),
    ("ec2:vpn_connection", vpn("UP", "SIDEWAYS"), "unknown"),
    ("ec2:vpn_connection", vpn("DOWN", state="deleted"), "inactive"),
    ("ec2:transit_gateway_attachment", {"State": "available"}, "healthy"),
    ("ec2:transit_gateway_attachment", {"State": "failed"}, "unhealthy"),
    ("ec2:transit_gateway_attachment", {}, "unknown"),
    ("ec2:vpc", {"State": "available"}, "healthy"),
    ("ec2:vpc", {"State": "pending"}, "degraded"),
    ("ec2:vpc", {}, "unknown"),
    ("ec2:subnet", {"State": "available"}, "healthy"),
    ("ec2:subnet", {"State": "pending"}, "degraded"),
    ("ec2:subnet", {"State": "failed-insufficient-capacity"}, "unhealthy"),
    ("ec2:subnet", {"State": ""}, "unknown"),
    ("ec2:security_group", {}, "reachable"),
    ("autoscaling:auto_scaling_group", group(2, 2), "healthy"),
    ("autoscaling:auto_scaling_group", group(1, 2), "degraded"),
    ("autoscaling:auto_scaling_group", group(2, 2, "Launch"), "degraded"),
    ("autoscaling:auto_scaling_group", group(0, 2), "unhealthy"),
    ("autoscaling:auto_scaling_group", group(0, 0), "inactive"),
    ("autoscaling:auto_scaling_group", {"Status": "Deleting"}, "in_transition"),
    ("autoscaling:auto_scaling_group", {}, "unknown"),
    ("elbv2:load_balancer", {"State": {"Code": "active"}}, "healthy"),
    ("elbv2:load_balancer", {"State": {"Code": "active_impaired"}}, "degraded"),
    ("elbv2:load_balancer", {"State": {"Code": "failed"}}, "unhealthy"),
    ("elbv2:load_balancer", {}, "unknown"),
    ("elbv2:target_group", targets("healthy", "healthy"), "healthy"),
    ("elbv2:target_group", targets("healthy", "unhealthy"), "degraded"),
    ("elbv2:target_group", targets("unhealthy", "draining"), "unhealthy"),
    ("elbv2:target_group", targets("initial", "draining"), "in_transition"),
    ("elbv2:target_group", targets("unused"), "inactive"),
    ("elbv2:target_group", targets(), "inactive"),
    ("elbv2:target_group", targets("healthy", "dreaming"), "unknown"),
    ("lambda:function", function("Active"), "healthy"),
    ("lambda:function", function("Pending"), "degraded"),
    ("lambda:function", function("Active", "InProgress"), "degraded"),
    ("lambda:function", function("Failed"), "unhealthy"),
    ("lambda:function", function("ActiveNonInvocable"), "unhealthy"),
    ("lambda:function", function("Active", "Failed"), "unhealthy"),
    ("lambda:function", function("Inactive"), "inactive"),
    ("lambda:function", {"Configuration": {}}, "unknown"),
    ("lambda:event_source_mapping", {"State": "Enabled"}, "healthy"),
    (
        "lambda:event_source_mapping",
        {"State": "Enabled", "LastProcessingResult": "PROBLEM: access denied"},
        "degraded",
    ),
    ("lambda:event_source_mapping", {"State": "Disabled"}, "inactive"),
    ("lambda:event_source_mapping", {}, "unknown"),
    ("ecs:cluster", {"status": "ACTIVE"}, "healthy"),
    ("ecs:cluster", {"status": "FAILED"}, "unhealthy"),
    ("ecs:cluster", {}, "unknown"),
    ("ecs:service", service(2, 2), "healthy"),
    ("ecs:service", service(1, 2), "degraded"),
    ("ecs:service", service(2, 2, "IN_PROGRESS"), "degraded"),
    ("ecs:service", service(0, 2), "unhealthy"),
    ("ecs:service", service(2, 2, "FAILED"), "unhealthy"),
    ("ecs:service", service(0, 0), "inactive"),
    ("ecs:service", {"status": "ACTIVE"}, "unknown"),
    ("rds:db_instance", {"DBInstanceStatus": "available"}, "healthy"),
    ("rds:db_instance", {"DBInstanceStatus": "backing-up"}, "degraded"),
    ("rds:db_instance", {"DBInstanceStatus": "storage-full"}, "unhealthy"),
    ("rds:db_instance", {"DBInstanceStatus": "incompatible-restore"}, "unhealthy"),
    ("rds:db_instance", {"DBInstanceStatus": "stopped"}, "inactive"),
    ("rds:db_instance", {"DBInstanceStatus": "rebooting"}, "in_transition"),
    ("rds:db_instance", {"DBInstanceStatus": "dreaming"}, "unknown"),
    ("rds:db_cluster", {"Status": "available"}, "healthy"),
    ("rds:db_cluster", {"Status": "maintenance"}, "degraded"),
    (
        "rds:db_cluster",
        {"Status": "inaccessible-encryption-credentials"},
        "unhealthy",
    ),
    ("rds:db_cluster", {}, "unknown"),
    ("dynamodb:table", table("ACTIVE", "ACTIVE"), "healthy"),
    ("dynamodb:table", table("UPDATING"), "degraded"),
    ("dynamodb:table", table("ACTIVE", "CREATION_FAILED"), "unhealthy"),
    ("dynamodb:table", table("ACTIVE", "REGION_DISABLED"), "unhealthy"),
    ("dynamodb:table", table("INACCESSIBLE_ENCRYPTION_CREDENTIALS"), "unhealthy"),
    ("dynamodb:table", table("ARCHIVED"), "inactive"),
    ("dynamodb:table", {}, "unknown"),
    ("elasticache:replication_group", cache("available", 2), "healthy"),
    ("elasticache:replication_group", cache("snapshotting"), "degraded"),
    ("elasticache:replication_group", cache("available", 2, "disabled"), "degraded"),
    ("elasticache:replication_group", cache("available", 1, "disabled"), "healthy"),
    ("elasticache:replication_group", cache("create-failed"), "unhealthy"),
    ("elasticache:replication_group", cache("odd"), "unknown"),
    ("elasticache:cache_cluster", {"CacheClusterStatus": "available"}, "healthy"),
    (
        "elasticache:cache_cluster",
        {"CacheClusterStatus": "incompatible-network"},
        "unhealthy",
    ),
    ("elasticache:cache_cluster", {}, "unknown"),
    ("elasticache:serverless_cache", {"Status": "AVAILABLE"}, "healthy"),
    ("elasticache:serverless_cache", {}, "unknown"),
    (
        "redshift:cluster",
        {"ClusterAvailabilityStatus": "Available"},
        "healthy",
    ),
    ("redshift:cluster", {"ClusterAvailabilityStatus": "Maintenance"}, "degraded"),
    ("redshift:cluster", {"ClusterAvailabilityStatus": "Failed"}, "unhealthy"),
    (
        "redshift:cluster",
        {"ClusterAvailabilityStatus": "Unavailable", "ClusterStatus": "paused"},
        "inactive",
    ),
    ("redshift:cluster", {}, "unknown"),
    ("efs:file_system", {"LifeCycleState": "available"}, "healthy"),
    ("efs:file_system", {"LifeCycleState": "updating"}, "degraded"),
    ("efs:file_system", {"LifeCycleState": "error"}, "unhealthy"),
    ("efs:file_system", {}, "unknown"),
    ("efs:mount_target", {"LifeCycleState": "available"}, "healthy"),
    ("efs:mount_target", {"LifeCycleState": "error"}, "unhealthy"),
    ("efs:mount_target", {}, "unknown"),
    ("s3:bucket", {"Policy": None}, "reachable"),
    ("s3:bucket", {"Policy": {"PolicyStatus": {"IsPublic": True}}}, "reachable"),
    ("athena:work_group", {"State": "ENABLED"}, "healthy"),
    ("athena:work_group", {"State": "DISABLED"}, "inactive"),
    ("athena:work_group", {}, "unknown"),
    ("apigateway:rest_api", {}, "reachable"),
    ("apigateway:domain_name", {"domainNameStatus": "AVAILABLE"}, "healthy"),
    ("apigateway:domain_name", {}, "unknown"),
    ("apigateway:vpc_link", {"status": "AVAILABLE"}, "healthy"),
    ("apigateway:vpc_link", {"status": "FAILED"}, "unhealthy"),
    ("apigateway:vpc_link", {}, "unknown"),
    ("apigatewayv2:api", {}, "reachable"),
    ("apigatewayv2:vpc_link", {"VpcLinkStatus": "AVAILABLE"}, "healthy"),
    ("apigatewayv2:vpc_link", {}, "unknown"),
    ("cognito-idp:user_pool", {}, "reachable"),
    ("sns:topic", {}, "reachable"),
    ("sqs:queue", QUIET, "healthy"),
    ("sqs:queue", queue(0), "healthy"),
    ("sqs:queue", queue(0, oldest=3601), "degraded"),
    ("sqs:queue", queue(1), "unhealthy"),
    ("sqs:queue", queue(None), "unknown"),
    ("sqs:queue", {**QUIET, "RedrivePolicy": "{}"}, "unknown"),
    (
        "sqs:queue",
        {**QUIET, "RedrivePolicy": "{}", "DeadLetterUrl": None},
        "unhealthy",
    ),
    ("kinesis:stream", stream("ACTIVE"), "healthy"),
    ("kinesis:stream", stream("UPDATING"), "degraded"),
    ("kinesis:stream", stream("ACTIVE", lag_seconds=3601), "unhealthy"),
    ("kinesis:stream", stream("odd"), "unknown"),
    ("cloudwatch:alarm", {"StateValue": "OK"}, "healthy"),
    ("cloudwatch:alarm", {"StateValue": "INSUFFICIENT_DATA"}, "degraded"),
    ("cloudwatch:alarm", {"StateValue": "ALARM"}, "unhealthy"),
    ("cloudwatch:alarm", {}, "unknown"),
    ("route53:health_check", observed("Success: 200", "Success: 200"), "healthy"),
    ("route53:health_check", observed("Success: 200", "Failure: 500"), "degraded"),
    ("route53:health_check", observed("Failure: timeout"), "unhealthy"),
    ("route53:health_check", observed("Unknown"), "unknown"),
    ("route53:health_check", observed(), "unknown"),
    ("route53:health_check", {}, "unknown"),
    ("route53:health_check", {"HealthCheckConfig": {"Disabled": True}}, "inactive"),
    ("route53:hosted_zone", {}, "reachable"),
    ("cloudfront:distribution", {"Status": "Deployed", "Enabled": True}, "healthy"),
    ("cloudfront:distribution", {"Status": "InProgress"}, "degraded"),
    ("cloudfront:distribution", {"Status": "Deployed", "Enabled": False}, "inactive"),
    ("cloudfront:distribution", {}, "unknown"),
    ("kms:key", {"KeyState": "Enabled"}, "healthy"),
    ("kms:key", {"KeyState": "PendingDeletion", "DeletionDate": MOMENT}, "degraded"),
    ("kms:key", {"KeyState": "Unavailable"}, "unhealthy"),
    ("kms:key", {"KeyState": "Disabled"}, "inactive"),
    ("kms:key", {}, "unknown"),
    ("secretsmanager:secret", secret(30 * DAY, "InSync"), "healthy"),
    ("secretsmanager:secret", secret(DAY), "degraded"),
    ("secretsmanager:secret", secret(-DAY), "unhealthy"),
    ("secretsmanager:secret", secret(30 * DAY, "Failed"), "unhealthy"),
    ("secretsmanager:secret", {"RotationEnabled": True, "Described": {}}, "unknown"),
    ("secretsmanager:secret", {"Described": {}}, "reachable"),
    ("secretsmanager:secret", {"DeletedDate": MOMENT}, "inactive"),
    (
        "iam:account_summary",
        {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0},
        "healthy",
    ),
    (
        "iam:account_summary",
        {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0},
        "unhealthy",
    ),
    (
        "iam:account_summary",
        {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 1},
        "unhealthy",
    ),
    ("iam:account_summary", {}, "unknown"),
    ("iam:access_key", key(90 * DAY), "healthy"),
    ("iam:access_key", key(91 * DAY), "degraded"),
    ("iam:access_key", key(DAY, "Inactive"), "inactive"),
    ("iam:access_key", key(DAY, "Odd"), "unknown"),
]


@pytest.mark.parametrize(("check", "item", "verdict"), VERDICTS)
def test_judges_by_what_aws_says(check: str, item: Item, verdict: str) -> None:
    judgement = check_of(check).judge(item, MOMENT)
    assert judgement.verdict == verdict, judgement.reason
    assert re.match("[A-Z0-9]", judgement.reason)


def test_an_unknown_word_is_never_healthy() -> None:
    assert by_word("state", "odd", {"ok": "healthy"}).verdict == "unknown"
    assert by_word("state", None, {"ok": "healthy"}).verdict == "unknown"


def test_the_worst_decides_and_the_first_of_equals() -> None:
    fine, odd = Judgement("healthy", "A."), Judgement("unknown", "B.")
    bad, worse = Judgement("degraded", "C."), Judgement("unhealthy", "D.")
    assert worst(fine, odd) == odd
    assert worst(odd, bad) == bad
    assert worst(bad, worse, fine) == worse
    assert worst(Judgement("healthy", "E."), fine).reason == "E."
