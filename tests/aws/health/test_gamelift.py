"""GameLift: its verdicts, its reasons, its words."""

from app.aws.services.health import gamelift
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    ("gamelift:fleet", {"Status": "ACTIVE"}, "healthy", "The fleet's state is ACTIVE."),
    ("gamelift:fleet", {"Status": "NEW"}, "in_transition", "The fleet's state is NEW."),
    (
        "gamelift:fleet",
        {"Status": "TERMINATED"},
        "inactive",
        "The fleet's state is TERMINATED.",
    ),
    ("gamelift:fleet", {"Status": "ERROR"}, "unhealthy", "The fleet's state is ERROR."),
    (
        "gamelift:fleet",
        {"Status": "NOT_FOUND"},
        "unknown",
        "The fleet's state is NOT_FOUND.",
    ),
    (
        "gamelift:fleet",
        {"Status": "ODD"},
        "unknown",
        "The fleet's state 'ODD' is not known.",
    ),
    ("gamelift:fleet", {}, "unknown", "AWS states no fleet's state."),
    ("gamelift:build", {"Status": "READY"}, "healthy", "The build's state is READY."),
    (
        "gamelift:build",
        {"Status": "INITIALIZED"},
        "in_transition",
        "The build's state is INITIALIZED.",
    ),
    (
        "gamelift:build",
        {"Status": "FAILED"},
        "unhealthy",
        "The build's state is FAILED.",
    ),
    (
        "gamelift:build",
        {"Status": "ODD"},
        "unknown",
        "The build's state 'ODD' is not known.",
    ),
    ("gamelift:build", {}, "unknown", "AWS states no build's state."),
    (
        "gamelift:game_server_group",
        {"Status": "ACTIVE"},
        "healthy",
        "The group's state is ACTIVE.",
    ),
    (
        "gamelift:game_server_group",
        {"Status": "NEW"},
        "in_transition",
        "The group's state is NEW.",
    ),
    (
        "gamelift:game_server_group",
        {"Status": "DELETED"},
        "inactive",
        "The group's state is DELETED.",
    ),
    (
        "gamelift:game_server_group",
        {"Status": "ERROR"},
        "unhealthy",
        "The group's state is ERROR.",
    ),
    (
        "gamelift:game_server_group",
        {"Status": "ODD"},
        "unknown",
        "The group's state 'ODD' is not known.",
    ),
    ("gamelift:game_server_group", {}, "unknown", "AWS states no group's state."),
]
WORDS: list[WordRow] = [
    (
        "gamelift",
        "DescribeFleetAttributes",
        "FleetAttributes[]",
        "Status",
        gamelift.FLEET_STATES,
    ),
    ("gamelift", "ListBuilds", "Builds[]", "Status", gamelift.BUILD_STATES),
    (
        "gamelift",
        "ListGameServerGroups",
        "GameServerGroups[]",
        "Status",
        gamelift.GROUP_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
