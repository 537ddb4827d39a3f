"""KMS: key stores of one's own."""

from app.aws.services.health import kms
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

STORE = "kms:custom_key_store"
VERDICTS: list[VerdictRow] = [
    (
        STORE,
        {"ConnectionState": "CONNECTED"},
        "healthy",
        "The key store's connection is CONNECTED.",
    ),
    (
        STORE,
        {"ConnectionState": "DISCONNECTED"},
        "inactive",
        "The key store's connection is DISCONNECTED.",
    ),
    (
        STORE,
        {"ConnectionState": "FAILED"},
        "unhealthy",
        "The key store's connection is FAILED.",
    ),
    (STORE, {}, "unknown", "AWS states no key store's connection."),
]
WORDS: list[WordRow] = [
    (
        "kms",
        "DescribeCustomKeyStores",
        "CustomKeyStores[]",
        "ConnectionState",
        kms.STORE_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
