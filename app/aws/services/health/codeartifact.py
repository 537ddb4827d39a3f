"""CodeArtifact: domains and repositories."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "Active": "healthy",
    "Deleted": "inactive",
}


def domain(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("domain's state", item.get("status"), STATES)


CHECKS = (
    HealthCheck(
        key="codeartifact:domain",
        title="Domains",
        listing="codeartifact:ListDomains",
        actions=("codeartifact:ListDomains",),
        judge=domain,
        facts={"state": "status"},
    ),
)
