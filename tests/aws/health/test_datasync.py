"""DataSync: its verdicts, its reasons, its words."""

from app.aws.services.health import datasync
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "datasync:agent",
        "agent's status",
        "Status",
        {"ONLINE": "healthy", "OFFLINE": "unhealthy"},
    ),
    *worded(
        "datasync:task",
        "task's status",
        "Status",
        {
            "AVAILABLE": "healthy",
            "RUNNING": "healthy",
            "QUEUED": "healthy",
            "CREATING": "in_transition",
            "UNAVAILABLE": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("datasync", "ListAgents", "Agents[]", "Status", datasync.AGENT_STATES),
    ("datasync", "ListTasks", "Tasks[]", "Status", datasync.TASK_STATES),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
