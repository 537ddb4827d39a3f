"""QuickSight: data sources with their logins, and VPC connections."""

from app.aws.services.health import quicksight
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

SOURCE, CONNECTION = "quicksight:data_source", "quicksight:vpc_connection"
MADE = {"Status": "CREATION_SUCCESSFUL"}
VERDICTS: list[VerdictRow] = [
    (SOURCE, MADE, "healthy", "The data source's state is CREATION_SUCCESSFUL."),
    (
        SOURCE,
        {**MADE, "CredentialStatus": "AUTH_FAILED"},
        "unhealthy",
        "The data source's login is AUTH_FAILED.",
    ),
    (
        SOURCE,
        {**MADE, "CredentialStatus": "NOT_VERIFIED"},
        "reachable",
        "The data source's login is NOT_VERIFIED.",
    ),
    (
        SOURCE,
        {"Status": "UPDATE_FAILED", "CredentialStatus": "CONNECTED"},
        "degraded",
        "The data source's state is UPDATE_FAILED.",
    ),
    (SOURCE, {}, "unknown", "AWS states no data source's state."),
    (
        CONNECTION,
        {**MADE, "AvailabilityStatus": "AVAILABLE"},
        "healthy",
        "The connection's availability is AVAILABLE.",
    ),
    (
        CONNECTION,
        {**MADE, "AvailabilityStatus": "UNAVAILABLE"},
        "unhealthy",
        "The connection's availability is UNAVAILABLE.",
    ),
    (
        CONNECTION,
        {"Status": "DELETION_FAILED", "AvailabilityStatus": "AVAILABLE"},
        "unhealthy",
        "The connection's state is DELETION_FAILED.",
    ),
    (CONNECTION, MADE, "unknown", "AWS states no connection's availability."),
]
SOURCES = ("quicksight", "ListDataSources", "DataSources[]")
CONNECTIONS = ("quicksight", "ListVPCConnections", "VPCConnectionSummaries[]")
WORDS: list[WordRow] = [
    (*SOURCES, "Status", quicksight.STATES),
    (*SOURCES, "CredentialStatus", quicksight.CREDENTIALS),
    (*CONNECTIONS, "Status", quicksight.CONNECTION_STATES),
    (*CONNECTIONS, "AvailabilityStatus", quicksight.AVAILABILITY),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
