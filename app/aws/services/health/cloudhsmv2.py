"""CloudHSM: clusters and the modules in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word, worst
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATE_IN_PROGRESS": "in_transition",
    "INITIALIZE_IN_PROGRESS": "in_transition",
    "UPDATE_IN_PROGRESS": "in_transition",
    "MODIFY_IN_PROGRESS": "in_transition",
    "ROLLBACK_IN_PROGRESS": "in_transition",
    "DELETE_IN_PROGRESS": "in_transition",
    "UNINITIALIZED": "degraded",  # it waits for its owner and serves nobody
    "INITIALIZED": "degraded",
    "DEGRADED": "degraded",
    "DELETED": "inactive",
}
MODULE_STATES: Mapping[str, Verdict] = {
    "ACTIVE": "healthy",
    "CREATE_IN_PROGRESS": "in_transition",
    "DELETE_IN_PROGRESS": "in_transition",
    "DEGRADED": "degraded",
    "DELETED": "inactive",
}


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    state = by_word("cluster's state", item.get("State"), STATES)
    if state.verdict != "healthy":
        return state
    modules = item.get("Hsms", [])
    if not modules:
        return Judgement("inactive", "The cluster has no modules.")
    return worst(
        state,
        *(
            by_word(f"state of {one.get('HsmId')}", one.get("State"), MODULE_STATES)
            for one in modules
        ),
    )


CHECKS = (
    HealthCheck(
        key="cloudhsmv2:cluster",
        title="Clusters and their modules",
        listing="cloudhsmv2:DescribeClusters",
        actions=("cloudhsm:DescribeClusters",),
        judge=cluster,
        facts={"state": "State", "modules": "Hsms[].{id: HsmId, state: State}"},
    ),
)
