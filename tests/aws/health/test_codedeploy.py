"""CodeDeploy: the last deployment."""

from app.aws.services.health import codedeploy
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

GROUP = "codedeploy:deployment_group"
VERDICTS: list[VerdictRow] = [
    *(
        (
            GROUP,
            {"lastAttemptedDeployment": {"status": word}},
            verdict,
            f"The last deployment is {word}.",
        )
        for word, verdict in codedeploy.DEPLOYMENTS.items()
    ),
    (
        GROUP,
        {"lastAttemptedDeployment": {"deploymentId": "d"}},
        "unknown",
        "AWS states no last deployment.",
    ),
    (GROUP, {}, "inactive", "Nothing was deployed to it yet."),
]
WORDS: list[WordRow] = [
    (
        "codedeploy",
        "GetDeploymentGroup",
        "deploymentGroupInfo",
        "lastAttemptedDeployment.status",
        codedeploy.DEPLOYMENTS,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
