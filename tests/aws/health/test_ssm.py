"""Systems Manager: agents, associations, syncs."""

from app.aws.services.health import ssm
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

NODE, ASSOCIATION, SYNC = (
    "ssm:managed_node",
    "ssm:association",
    "ssm:resource_data_sync",
)
VERDICTS: list[VerdictRow] = [
    (NODE, {"PingStatus": "Online"}, "healthy", "The agent's connection is Online."),
    (
        NODE,
        {"PingStatus": "Inactive"},
        "degraded",
        "The agent's connection is Inactive.",
    ),
    (
        NODE,
        {"PingStatus": "ConnectionLost"},
        "unhealthy",
        "The agent's connection is ConnectionLost.",
    ),
    (NODE, {}, "unknown", "AWS states no agent's connection."),
    (
        ASSOCIATION,
        {"Overview": {"Status": "Success"}},
        "healthy",
        "The association's status is Success.",
    ),
    (
        ASSOCIATION,
        {"Overview": {"Status": "Failed"}},
        "unhealthy",
        "The association's status is Failed.",
    ),
    (ASSOCIATION, {}, "unknown", "AWS states no association's status."),
    (SYNC, {"LastStatus": "Successful"}, "healthy", "The last sync is Successful."),
    (SYNC, {"LastStatus": "Failed"}, "unhealthy", "The last sync is Failed."),
    (SYNC, {}, "unknown", "AWS states no last sync."),
]
WORDS: list[WordRow] = [
    (
        "ssm",
        "DescribeInstanceInformation",
        "InstanceInformationList[]",
        "PingStatus",
        ssm.PINGS,
    ),
    ("ssm", "ListResourceDataSync", "ResourceDataSyncItems[]", "LastStatus", ssm.SYNCS),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
