"""The states of RDS, Aurora, DocumentDB and Neptune, which are one free text: a word
that AWS's documentation does not list is unknown."""

from collections.abc import Mapping

from app.aws.services.check import Judgement, by_word
from app.aws.unit import Verdict

STATES: Mapping[str, Verdict] = {
    "available": "healthy",
    **dict.fromkeys(
        (
            "backing-up",
            "modifying",
            "maintenance",
            "storage-optimization",
            "storage-config-upgrade",
            "storage-initialization",
            "configuring-enhanced-monitoring",
            "configuring-iam-database-auth",
            "configuring-log-exports",
            "configuring-associated-roles",
            "converting-to-vpc",
            "moving-to-vpc",
            "resetting-master-credentials",
            "upgrading",
            "renaming",
            "failing-over",
            "backtracking",
            "update-iam-db-auth",
            "insufficient-capacity",
        ),
        "degraded",
    ),
    **dict.fromkeys(
        (
            "creating",
            "deleting",
            "starting",
            "stopping",
            "rebooting",
            "promoting",
            "preparing-data-migration",
            "migrating",
            "delete-precheck",
        ),
        "in_transition",
    ),
    "stopped": "inactive",
    **dict.fromkeys(
        (
            "failed",
            "storage-full",
            "restore-error",
            "inaccessible-encryption-credentials",
            "inaccessible-encryption-credentials-recoverable",
            "migration-failed",
            "cloning-failed",
        ),
        "unhealthy",
    ),
}


def by_database_state(what: str, state: str | None) -> Judgement:
    """Judge by a state of this family; every `incompatible-…` is a fault."""
    if state and state.startswith("incompatible-"):
        return Judgement("unhealthy", f"The {what} is {state}.")
    return by_word(what, state, STATES)
