"""Backup: its verdicts, its reasons, its words."""

from app.aws.services.health import backup
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "backup:backup_job",
        "backup job's state",
        "State",
        {
            "COMPLETED": "healthy",
            "PARTIAL": "degraded",
            "EXPIRED": "degraded",
            "RUNNING": "in_transition",
            "FAILED": "unhealthy",
            "ABORTED": "unhealthy",
        },
    ),
    *worded(
        "backup:copy_job",
        "copy job's state",
        "State",
        {
            "COMPLETED": "healthy",
            "PARTIAL": "degraded",
            "RUNNING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
    *worded(
        "backup:restore_job",
        "restore job's state",
        "Status",
        {
            "COMPLETED": "healthy",
            "PENDING": "in_transition",
            "ABORTED": "unhealthy",
            "FAILED": "unhealthy",
        },
    ),
    *worded(
        "backup:backup_vault",
        "vault's state",
        "VaultState",
        {"AVAILABLE": "healthy", "CREATING": "in_transition", "FAILED": "unhealthy"},
    ),
    (
        "backup:backup_vault",
        {},
        "reachable",
        "It is listed; AWS states no state of it.",
    ),
]
WORDS: list[WordRow] = [
    ("backup", "ListBackupJobs", "BackupJobs[]", "State", backup.BACKUP_STATES),
    ("backup", "ListCopyJobs", "CopyJobs[]", "State", backup.COPY_STATES),
    ("backup", "ListRestoreJobs", "RestoreJobs[]", "Status", backup.RESTORE_STATES),
    (
        "backup",
        "ListBackupVaults",
        "BackupVaultList[]",
        "VaultState",
        backup.VAULT_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
