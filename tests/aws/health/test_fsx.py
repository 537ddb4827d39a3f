"""FSx: its verdicts, its reasons, its words."""

from app.aws.services.health import fsx
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "fsx:file_system",
        "file system's state",
        "Lifecycle",
        {
            "AVAILABLE": "healthy",
            "UPDATING": "degraded",
            "CREATING": "in_transition",
            "FAILED": "unhealthy",
            "MISCONFIGURED": "unhealthy",
            "MISCONFIGURED_UNAVAILABLE": "unhealthy",
        },
    ),
    *worded(
        "fsx:volume",
        "volume's state",
        "Lifecycle",
        {
            "CREATED": "healthy",
            "AVAILABLE": "healthy",
            "PENDING": "in_transition",
            "MISCONFIGURED": "unhealthy",
        },
    ),
    *worded(
        "fsx:storage_virtual_machine",
        "virtual machine's state",
        "Lifecycle",
        {"CREATED": "healthy", "DELETING": "in_transition", "FAILED": "unhealthy"},
    ),
    *worded(
        "fsx:file_cache",
        "file cache's state",
        "Lifecycle",
        {
            "AVAILABLE": "healthy",
            "UPDATING": "degraded",
            "CREATING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("fsx", "DescribeFileSystems", "FileSystems[]", "Lifecycle", fsx.SYSTEM_STATES),
    ("fsx", "DescribeVolumes", "Volumes[]", "Lifecycle", fsx.VOLUME_STATES),
    (
        "fsx",
        "DescribeStorageVirtualMachines",
        "StorageVirtualMachines[]",
        "Lifecycle",
        fsx.MACHINE_STATES,
    ),
    ("fsx", "DescribeFileCaches", "FileCaches[]", "Lifecycle", fsx.CACHE_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
