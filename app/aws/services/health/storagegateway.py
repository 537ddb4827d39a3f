"""Storage Gateway: gateways and file shares. Whether a gateway is connected, AWS tells
only by refusing to describe it, so that an active gateway is no more than reachable.

The states are free text; a word that is not listed here is unknown.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

GATEWAY_STATES: Mapping[str, Verdict] = {"ACTIVE": "reachable", "DISABLED": "inactive"}
SHARE_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FORCE_DELETING": "in_transition",
    "UNAVAILABLE": "unhealthy",
}


def gateway(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = item.get("GatewayOperationalState")
    return by_word("gateway's state", state, GATEWAY_STATES)


def file_share(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("file share's status", item.get("FileShareStatus"), SHARE_STATES)


CHECKS = (
    HealthCheck(
        key="storagegateway:gateway",
        title="Gateways",
        listing="storagegateway:ListGateways",
        actions=("storagegateway:ListGateways",),
        judge=gateway,
        facts={"state": "GatewayOperationalState", "type": "GatewayType"},
    ),
    HealthCheck(
        key="storagegateway:file_share",
        title="File shares",
        listing="storagegateway:ListFileShares",
        actions=("storagegateway:ListFileShares",),
        judge=file_share,
        facts={"status": "FileShareStatus", "type": "FileShareType"},
    ),
)
