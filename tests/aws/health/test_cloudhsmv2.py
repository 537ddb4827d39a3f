"""CloudHSM: clusters and the modules in them."""

from typing import Any

from app.aws.services.health import cloudhsmv2
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

CLUSTER = "cloudhsmv2:cluster"


def cluster(*modules: str, state: str = "ACTIVE") -> dict[str, Any]:
    hsms = [{"HsmId": f"hsm-{n}", "State": one} for n, one in enumerate(modules)]
    return {"State": state, "Hsms": hsms}


VERDICTS: list[VerdictRow] = [
    (CLUSTER, cluster("ACTIVE"), "healthy", "The cluster's state is ACTIVE."),
    (
        CLUSTER,
        cluster("ACTIVE", "DEGRADED"),
        "degraded",
        "The state of hsm-1 is DEGRADED.",
    ),
    (CLUSTER, cluster("ODD"), "unknown", "The state of hsm-0 'ODD' is not known."),
    (CLUSTER, cluster(), "inactive", "The cluster has no modules."),
    (
        CLUSTER,
        cluster("ACTIVE", state="UNINITIALIZED"),
        "degraded",
        "The cluster's state is UNINITIALIZED.",
    ),
    (CLUSTER, {}, "unknown", "AWS states no cluster's state."),
]
PATH = ("cloudhsmv2", "DescribeClusters")
WORDS: list[WordRow] = [
    (*PATH, "Clusters[]", "State", cloudhsmv2.STATES),
    (*PATH, "Clusters[].Hsms[]", "State", cloudhsmv2.MODULE_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
