"""CloudFormation: every state of a stack, drift, and stack sets."""

from app.aws.services.health import cloudformation
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

STACK, INSTANCE = "cloudformation:stack", "cloudformation:stack_instance"
DRIFTED = {"StackDriftStatus": "DRIFTED"}
DRIFT = "Its resources have drifted from the template."


def state(word: str) -> str:
    return f"The stack's state is {word}."


VERDICTS: list[VerdictRow] = [
    *(
        (STACK, {"StackStatus": word}, "healthy", state(word))
        for word in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
    ),
    *(
        (STACK, {"StackStatus": word}, "degraded", state(word))
        for word in ("UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    ),
    *(
        (STACK, {"StackStatus": word}, "unhealthy", state(word))
        for word in ("CREATE_FAILED", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
    ),
    (
        STACK,
        {"StackStatus": "DELETE_COMPLETE"},
        "inactive",
        state("DELETE_COMPLETE"),
    ),
    (
        STACK,
        {"StackStatus": "CREATE_COMPLETE", "DriftInformation": DRIFTED},
        "degraded",
        DRIFT,
    ),
    (
        STACK,
        {"StackStatus": "DELETE_FAILED", "DriftInformation": DRIFTED},
        "unhealthy",
        state("DELETE_FAILED"),
    ),
    (STACK, {}, "unknown", "AWS states no stack's state."),
    (
        INSTANCE,
        {"Status": "CURRENT", "DriftStatus": "NOT_CHECKED"},
        "healthy",
        "The stack instance's state is CURRENT.",
    ),
    (INSTANCE, {"Status": "CURRENT", "DriftStatus": "DRIFTED"}, "degraded", DRIFT),
    (
        INSTANCE,
        {"Status": "OUTDATED"},
        "degraded",
        "The stack instance's state is OUTDATED.",
    ),
    (
        INSTANCE,
        {"Status": "INOPERABLE"},
        "unhealthy",
        "The stack instance's state is INOPERABLE.",
    ),
    (INSTANCE, {}, "unknown", "AWS states no stack instance's state."),
]
WORDS: list[WordRow] = [
    (
        "cloudformation",
        "DescribeStacks",
        "Stacks[]",
        "StackStatus",
        cloudformation.STATES,
    ),
    (
        "cloudformation",
        "ListStackInstances",
        "Summaries[]",
        "Status",
        cloudformation.INSTANCE_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
