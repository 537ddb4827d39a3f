"""Route 53: what its checkers around the world observe, and hosted zones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import Detail, HealthCheck, Judgement, reachable


def health_check(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if item.get("HealthCheckConfig", {}).get("Disabled"):
        return Judgement("inactive", "The health check is disabled.")
    if "Observed" not in item:
        return Judgement("unknown", "AWS gives no observations of this kind of check.")
    observations = item["Observed"].get("HealthCheckObservations", [])
    reports = [one.get("StatusReport", {}).get("Status", "") for one in observations]
    succeeded = sum(report.startswith("Success") for report in reports)
    failed = sum(report.startswith("Failure") for report in reports)
    seen = f"{succeeded} of {len(reports)} checkers report success."
    if not reports or succeeded + failed < len(reports):
        return Judgement("unknown", f"{seen} The others state neither.")
    if not failed:
        return Judgement("healthy", seen)
    return Judgement("degraded" if succeeded else "unhealthy", seen)


def _observable(item: Mapping[str, Any], _now: datetime) -> Mapping[str, Any] | None:
    """AWS gives no observations of checks that only combine others."""
    kind = item.get("HealthCheckConfig", {}).get("Type")
    if kind in {"CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"}:
        return None
    return {"HealthCheckId": item["Id"]}


CHECKS = (
    HealthCheck(
        key="route53:health_check",
        title="Health checks: what the checkers see",
        listing="route53:ListHealthChecks",
        actions=("route53:ListHealthChecks", "route53:GetHealthCheckStatus"),
        judge=health_check,
        details=(
            Detail(
                into="Observed",
                service="route53",
                operation="GetHealthCheckStatus",
                inputs=_observable,
                actions=("route53:GetHealthCheckStatus",),
                absent={"NoSuchHealthCheck": "vanished"},
            ),
        ),
        facts={
            "reports": "Observed.HealthCheckObservations[].StatusReport.Status",
        },
    ),
    HealthCheck(
        key="route53:hosted_zone",
        title="Hosted zones",
        listing="route53:ListHostedZones",
        actions=("route53:ListHostedZones",),
        judge=reachable,
    ),
)
