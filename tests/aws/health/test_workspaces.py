"""WorkSpaces: its verdicts, its reasons, its words."""

from app.aws.services.health import workspaces
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "workspaces:workspace",
        {"State": "AVAILABLE"},
        "healthy",
        "The desktop's state is AVAILABLE.",
    ),
    (
        "workspaces:workspace",
        {"State": "PENDING"},
        "in_transition",
        "The desktop's state is PENDING.",
    ),
    (
        "workspaces:workspace",
        {"State": "REBOOTING"},
        "degraded",
        "The desktop's state is REBOOTING.",
    ),
    (
        "workspaces:workspace",
        {"State": "STOPPED"},
        "inactive",
        "The desktop's state is STOPPED.",
    ),
    (
        "workspaces:workspace",
        {"State": "UNHEALTHY"},
        "unhealthy",
        "The desktop's state is UNHEALTHY.",
    ),
    (
        "workspaces:workspace",
        {"State": "ODD"},
        "unknown",
        "The desktop's state 'ODD' is not known.",
    ),
    ("workspaces:workspace", {}, "unknown", "AWS states no desktop's state."),
    (
        "workspaces:pool",
        {"State": "RUNNING"},
        "healthy",
        "The pool's state is RUNNING.",
    ),
    (
        "workspaces:pool",
        {"State": "CREATING"},
        "in_transition",
        "The pool's state is CREATING.",
    ),
    (
        "workspaces:pool",
        {"State": "STOPPED"},
        "inactive",
        "The pool's state is STOPPED.",
    ),
    (
        "workspaces:pool",
        {"State": "ODD"},
        "unknown",
        "The pool's state 'ODD' is not known.",
    ),
    ("workspaces:pool", {}, "unknown", "AWS states no pool's state."),
    (
        "workspaces:directory",
        {"State": "REGISTERED"},
        "healthy",
        "The directory's state is REGISTERED.",
    ),
    (
        "workspaces:directory",
        {"State": "REGISTERING"},
        "in_transition",
        "The directory's state is REGISTERING.",
    ),
    (
        "workspaces:directory",
        {"State": "DEREGISTERED"},
        "inactive",
        "The directory's state is DEREGISTERED.",
    ),
    (
        "workspaces:directory",
        {"State": "ERROR"},
        "unhealthy",
        "The directory's state is ERROR.",
    ),
    (
        "workspaces:directory",
        {"State": "ODD"},
        "unknown",
        "The directory's state 'ODD' is not known.",
    ),
    ("workspaces:directory", {}, "unknown", "AWS states no directory's state."),
]
WORDS: list[WordRow] = [
    ("workspaces", "DescribeWorkspaces", "Workspaces[]", "State", workspaces.STATES),
    (
        "workspaces",
        "DescribeWorkspacesPools",
        "WorkspacesPools[]",
        "State",
        workspaces.POOL_STATES,
    ),
    (
        "workspaces",
        "DescribeWorkspaceDirectories",
        "Directories[]",
        "State",
        workspaces.DIRECTORY_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
