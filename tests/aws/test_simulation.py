"""IAM's simulation: each action's decision, and no answer that is not understood."""

from typing import Any

import pytest

from app.aws.call import Guard
from app.aws.errors import AWSError
from app.aws.session import TenantSession
from app.aws.simulation import AT_ONCE, Simulated, principal_of, simulate
from app.aws.sts import Identity
from tests.aws.fake_aws import Asked, FakeAWS

KEY = "iam:SimulatePrincipalPolicy"
ROLE = "arn:aws:iam::123456789012:role/team/Cloudrota"


def result(action: str, decision: str = "allowed", **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalDecision": decision, **more}


def asked(
    fake: FakeAWS, session: TenantSession, actions: list[str], answer: Any
) -> list[Simulated]:
    with fake.afresh(answers={KEY: answer}):
        return simulate(session, ROLE, actions, region="us-east-1", guard=Guard())


def test_each_action_gets_its_decision_and_who_refuses(
    fake: FakeAWS, session: TenantSession
) -> None:
    denied = {"AllowedByOrganizations": False}
    bounded = {"AllowedByPermissionsBoundary": False}
    results = [
        result("EC2:describeInstances"),
        result("rds:A", "explicitDeny"),
        result("sqs:B", "implicitDeny", OrganizationsDecisionDetail=denied),
        result("sns:C", "implicitDeny", PermissionsBoundaryDecisionDetail=bounded),
    ]
    answer = {"EvaluationResults": results, "IsTruncated": False}
    actions = ["ec2:DescribeInstances", "rds:A", "sns:C", "sqs:B"]
    assert asked(fake, session, actions, answer) == [
        Simulated("ec2:DescribeInstances", "allowed"),
        Simulated("rds:A", "explicit_deny", "identity_policies"),
        Simulated("sns:C", "implicit_deny", "permissions_boundary"),
        Simulated("sqs:B", "implicit_deny", "organization"),
    ]


def test_many_actions_are_asked_in_parts_and_to_the_last_page(
    fake: FakeAWS, session: TenantSession
) -> None:
    def answer(one: Asked) -> dict[str, Any]:
        names = one.params["ActionNames"]
        assert len(names) <= AT_ONCE
        half = len(names) // 2
        is_first = "Marker" not in one.params
        page = names[:half] if is_first else names[half:]
        more = {"IsTruncated": True, "Marker": "m"} if is_first else {}
        return {"EvaluationResults": [result(n) for n in page], **more} | (
            {} if is_first else {"IsTruncated": False}
        )

    actions = [f"ec2:Describe{n:03}" for n in range(2 * AT_ONCE + 2)]
    found = asked(fake, session, actions, answer)
    assert [one.action for one in found] == actions
    assert {one.decision for one in found} == {"allowed"}


@pytest.mark.parametrize(
    "results",
    [
        [],
        [result("ec2:Other")],
        [result("ec2:DescribeVpcs", "perhaps")],
    ],
)
def test_an_answer_that_is_not_understood_allows_nothing(
    fake: FakeAWS, session: TenantSession, results: list[Any]
) -> None:
    answer = {"EvaluationResults": results, "IsTruncated": False}
    with pytest.raises(AWSError) as caught:
        asked(fake, session, ["ec2:DescribeVpcs"], answer)
    assert caught.value.facts.code == "unexpected_simulation"


@pytest.mark.parametrize(
    ("arn", "role", "principal"),
    [
        ("arn:aws:sts::1:assumed-role/Cloudrota/s", ROLE, ROLE),
        ("arn:aws:iam::1:user/reports", None, "arn:aws:iam::1:user/reports"),
        ("arn:aws:iam::1:root", None, None),
    ],
)
def test_policies_are_those_of_the_role_or_the_user(
    arn: str, role: str | None, principal: str | None
) -> None:
    assert principal_of(Identity("1", arn, "AIDA"), role) == principal
