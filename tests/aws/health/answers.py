"""What the fake must answer for every call of every check to be made."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.aws.fake_aws import ACCOUNT, MOMENT, Asked

REGION = "eu-west-1"
DEAD_LETTERS = '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead"}'
QUEUE = {
    "Attributes": {
        "QueueArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders",
        "RedrivePolicy": DEAD_LETTERS,
        "ApproximateNumberOfMessages": "0",
    }
}
Members = Mapping[str, Any]


def _domain(asked: Asked) -> Members:
    """One that is neither being made nor being deleted."""
    name = asked.params["DomainName"]
    return {
        "DomainStatus": {
            "DomainId": f"{ACCOUNT}/{name}",
            "DomainName": name,
            "ARN": f"arn:aws:es:{REGION}:{ACCOUNT}:domain/{name}",
            "ClusterConfig": {},
            "Created": True,
            "Deleted": False,
        }
    }


ANSWERS: dict[str, Members | Callable[[Asked], Members]] = {
    "opensearch:DescribeDomain": _domain,
    "sqs:ListQueues": {"QueueUrls": ["https://queue"], "NextToken": None},
    "sqs:GetQueueAttributes": QUEUE,
    "s3:GetBucketLocation": {"LocationConstraint": "EU"},
    "sts:GetCallerIdentity": {"Account": ACCOUNT},
    "stepfunctions:ListStateMachines": {
        "stateMachines": [
            {
                "stateMachineArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:m",
                "name": "m",
                "type": "STANDARD",
                "creationDate": MOMENT,
            }
        ],
        "nextToken": None,
    },
}
