"""Backup: how the jobs of the last 24 hours ended, and whether vaults are there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

COPY_STATES: Mapping[str, Verdict] = {
    "COMPLETED": "healthy",
    "PARTIAL": "degraded",
    "CREATED": "in_transition",
    "RUNNING": "in_transition",
    "FAILED": "unhealthy",
}
BACKUP_STATES: Mapping[str, Verdict] = {
    **COPY_STATES,
    "EXPIRED": "degraded",
    "PENDING": "in_transition",
    "ABORTING": "in_transition",
    "ABORTED": "unhealthy",
}
RESTORE_STATES: Mapping[str, Verdict] = {
    "COMPLETED": "healthy",
    "PENDING": "in_transition",
    "RUNNING": "in_transition",
    "ABORTED": "unhealthy",
    "FAILED": "unhealthy",
}
VAULT_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "CREATING": "in_transition",
    "FAILED": "unhealthy",
}


def backup_job(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("backup job's state", item.get("State"), BACKUP_STATES)


def copy_job(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("copy job's state", item.get("State"), COPY_STATES)


def restore_job(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("restore job's state", item.get("Status"), RESTORE_STATES)


def vault(item: Mapping[str, Any], _now: datetime) -> Judgement:
    if "VaultState" not in item:  # stated of air-gapped vaults only
        return Judgement("reachable", "It is listed; AWS states no state of it.")
    return by_word("vault's state", item["VaultState"], VAULT_STATES)


FACTS = {"message": "StatusMessage", "resource_type": "ResourceType"}

CHECKS = (
    HealthCheck(
        key="backup:backup_job",
        title="Backup jobs of the last 24 hours",
        listing="backup:ListBackupJobs",
        actions=("backup:ListBackupJobs",),
        judge=backup_job,
        facts={**FACTS, "state": "State", "resource": "ResourceArn"},
    ),
    HealthCheck(
        key="backup:copy_job",
        title="Copy jobs of the last 24 hours",
        listing="backup:ListCopyJobs",
        actions=("backup:ListCopyJobs",),
        judge=copy_job,
        facts={**FACTS, "state": "State", "resource": "ResourceArn"},
    ),
    HealthCheck(
        key="backup:restore_job",
        title="Restore jobs of the last 24 hours",
        listing="backup:ListRestoreJobs",
        actions=("backup:ListRestoreJobs",),
        judge=restore_job,
        facts={**FACTS, "state": "Status", "resource": "SourceResourceArn"},
    ),
    HealthCheck(
        key="backup:backup_vault",
        title="Vaults",
        listing="backup:ListBackupVaults",
        actions=("backup:ListBackupVaults",),
        judge=vault,
        facts={"state": "VaultState", "type": "VaultType"},
    ),
)
