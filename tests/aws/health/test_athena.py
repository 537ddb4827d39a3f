"""Athena: its verdicts, its reasons, its words."""

from app.aws.services.health import athena
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "athena:data_catalog",
        "data catalog's status",
        "Status",
        {
            "CREATE_COMPLETE": "healthy",
            "CREATE_IN_PROGRESS": "in_transition",
            "DELETE_COMPLETE": "inactive",
            "CREATE_FAILED": "unhealthy",
            "CREATE_FAILED_CLEANUP_COMPLETE": "unhealthy",
        },
    ),
    (
        "athena:data_catalog",
        {},
        "reachable",
        "It is listed; AWS states no status of it.",
    ),
    *worded(
        "athena:capacity_reservation",
        "reservation's status",
        "Status",
        {
            "ACTIVE": "healthy",
            "UPDATE_PENDING": "degraded",
            "PENDING": "in_transition",
            "CANCELLED": "inactive",
            "FAILED": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    (
        "athena",
        "ListDataCatalogs",
        "DataCatalogsSummary[]",
        "Status",
        athena.CATALOG_STATES,
    ),
    (
        "athena",
        "ListCapacityReservations",
        "CapacityReservations[]",
        "Status",
        athena.RESERVATION_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
