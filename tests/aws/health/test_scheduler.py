"""EventBridge Scheduler: its verdicts, its reasons, its words."""

from app.aws.services.health import scheduler
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "scheduler:schedule",
        {"State": "ENABLED"},
        "reachable",
        "The schedule's state is ENABLED.",
    ),
    (
        "scheduler:schedule",
        {"State": "DISABLED"},
        "inactive",
        "The schedule's state is DISABLED.",
    ),
    (
        "scheduler:schedule",
        {"State": "ODD"},
        "unknown",
        "The schedule's state 'ODD' is not known.",
    ),
    ("scheduler:schedule", {}, "unknown", "AWS states no schedule's state."),
    (
        "scheduler:schedule_group",
        {"State": "ACTIVE"},
        "healthy",
        "The group's state is ACTIVE.",
    ),
    (
        "scheduler:schedule_group",
        {"State": "DELETING"},
        "in_transition",
        "The group's state is DELETING.",
    ),
    (
        "scheduler:schedule_group",
        {"State": "ODD"},
        "unknown",
        "The group's state 'ODD' is not known.",
    ),
    ("scheduler:schedule_group", {}, "unknown", "AWS states no group's state."),
]
WORDS: list[WordRow] = [
    ("scheduler", "ListSchedules", "Schedules[]", "State", scheduler.STATES),
    (
        "scheduler",
        "ListScheduleGroups",
        "ScheduleGroups[]",
        "State",
        scheduler.GROUP_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
