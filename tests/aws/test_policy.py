"""Policies allow exactly what is needed, and fit."""

import json

import pytest

from app.aws.policy import (
    DATA_READS,
    MANAGED_POLICY_LIMIT,
    POLICIES_PER_ROLE,
    SESSION_POLICY_LIMIT,
    NotAnAction,
    ReadsData,
    TooManyActions,
    allowed_actions,
    policy_for,
    policy_text,
    session_policy,
)

ACTIONS = [f"service{n // 20}:Describe{'Thing' * 3}{n}" for n in range(400)]


def test_allows_exactly_the_actions_once_and_sorted() -> None:
    [policy] = policy_for(
        ["s3:ListAllMyBuckets", "ec2:DescribeVpcs", "ec2:DescribeVpcs"]
    )
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["ec2:DescribeVpcs", "s3:ListAllMyBuckets"],
                "Resource": "*",
            }
        ],
    }


def test_many_actions_are_split_and_none_is_lost_or_added() -> None:
    policies = policy_for(ACTIONS)
    assert len(policies) > 1
    assert all(len(policy_text(one)) <= MANAGED_POLICY_LIMIT for one in policies)
    allowed = [action for one in policies for action in allowed_actions(one)]
    assert sorted(allowed) == sorted(ACTIONS)


def test_more_than_a_role_may_have_is_said() -> None:
    too_many = [f"ec2:Describe{'Thing' * 20}{n}" for n in range(800)]
    with pytest.raises(TooManyActions, match=str(POLICIES_PER_ROLE)):
        policy_for(too_many)


def test_no_work_needs_no_policy() -> None:
    assert policy_for([]) == session_policy([]) == []


@pytest.mark.parametrize(
    "action", ["*", "ec2:*", "ec2:Describe*", "ec2", "ec2:", "", 'ec2:A","Action":"*']
)
def test_wildcards_and_other_text_are_no_actions(action: str) -> None:
    for make in (policy_for, session_policy):
        with pytest.raises(NotAnAction):
            make([action])


def test_a_session_denies_reading_data() -> None:
    [policy] = session_policy(["s3:ListAllMyBuckets"])
    denied = [
        action
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny"
        for action in statement["Action"]
    ]
    assert policy["Statement"][1]["Resource"] == "*"
    for read in (
        "s3:GetObject",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter*",
        "kms:Decrypt",
        "sqs:ReceiveMessage",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
    ):
        assert read in denied
    assert allowed_actions(policy) == ("s3:ListAllMyBuckets",)


@pytest.mark.parametrize("action", DATA_READS)
def test_an_action_that_reads_data_gets_no_session(action: str) -> None:
    with pytest.raises(ReadsData, match=action):
        session_policy(["ec2:DescribeVpcs", action])


def test_sessions_that_do_not_fit_are_several_and_never_wider() -> None:
    policies = session_policy(ACTIONS)
    assert len(policies) > 1
    for policy in policies:
        assert len(policy_text(policy)) <= SESSION_POLICY_LIMIT
        assert json.loads(policy_text(policy)) == policy
        assert policy["Statement"][-1]["Effect"] == "Deny"
    allowed = [action for one in policies for action in allowed_actions(one)]
    assert sorted(allowed) == sorted(ACTIONS)


def test_the_actions_of_one_service_stay_together() -> None:
    actions = [f"{service}:Describe{n}" for service in "abcdefgh" for n in range(20)]
    for policy in session_policy(actions):
        services = {action[0] for action in allowed_actions(policy)}
        assert len(allowed_actions(policy)) == 20 * len(services)
