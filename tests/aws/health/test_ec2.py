"""EC2: its verdicts, its reasons, its words."""

from app.aws.services.health import ec2
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    (
        "ec2:vpc_endpoint",
        {"State": "available"},
        "healthy",
        "The VPC endpoint's state is Available.",
    ),
    (
        "ec2:vpc_endpoint",
        {"State": "Available"},
        "healthy",
        "The VPC endpoint's state is Available.",
    ),
    (
        "ec2:vpc_endpoint",
        {"State": "partial"},
        "degraded",
        "The VPC endpoint's state is Partial.",
    ),
    (
        "ec2:vpc_endpoint",
        {"State": "pendingAcceptance"},
        "in_transition",
        "The VPC endpoint's state is PendingAcceptance.",
    ),
    (
        "ec2:vpc_endpoint",
        {"State": "rejected"},
        "inactive",
        "The VPC endpoint's state is Rejected.",
    ),
    (
        "ec2:vpc_endpoint",
        {"State": "failed"},
        "unhealthy",
        "The VPC endpoint's state is Failed.",
    ),
    (
        "ec2:vpc_endpoint",
        {"State": "odd"},
        "unknown",
        "The VPC endpoint's state 'Odd' is not known.",
    ),
    ("ec2:vpc_endpoint", {}, "unknown", "AWS states no VPC endpoint's state."),
    *worded(
        "ec2:vpc_peering_connection",
        "peering connection's state",
        "Status.Code",
        {
            "active": "healthy",
            "pending-acceptance": "in_transition",
            "deleted": "inactive",
            "expired": "inactive",
            "failed": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    ("ec2", "DescribeVpcEndpoints", "VpcEndpoints[]", "State", ec2.ENDPOINT_STATES),
    (
        "ec2",
        "DescribeVpcPeeringConnections",
        "VpcPeeringConnections[]",
        "Status.Code",
        ec2.PEERING_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
