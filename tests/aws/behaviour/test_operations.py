"""CloudWatch, CloudFormation, Step Functions, logs, parameters and budgets with real
resources."""

import json

import pytest

from app.aws.unit import NotApplicable
from tests.aws.behaviour.account import ACCOUNT, Account

ROLE = f"arn:aws:iam::{ACCOUNT}:role/machine"
MACHINE = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
TEMPLATE = json.dumps(
    {
        "Resources": {
            "First": {"Type": "AWS::SQS::Queue"},
            "Second": {"Type": "AWS::SQS::Queue"},
        }
    }
)


def test_an_alarm_is_judged_by_its_state(account: Account) -> None:
    for name in ("calm", "loud"):
        account.make(
            "cloudwatch",
            "PutMetricAlarm",
            AlarmName=name,
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            MetricName="Errors",
            Namespace="Ours",
            Period=60,
            Statistic="Sum",
            Threshold=1,
        )
    for name, state in (("calm", "OK"), ("loud", "ALARM")):
        account.make(
            "cloudwatch",
            "SetAlarmState",
            AlarmName=name,
            StateValue=state,
            StateReason="a test",
        )
    found = {one.name: one.verdict for one in account.checked("cloudwatch:alarm")}
    assert found == {"calm": "healthy", "loud": "unhealthy"}


def test_stacks_are_listed_with_their_resources(account: Account) -> None:
    for name in ("blue", "green"):
        account.make(
            "cloudformation", "CreateStack", StackName=name, TemplateBody=TEMPLATE
        )
    account.make("cloudformation", "DeleteStack", StackName="green")
    (finding,) = account.checked("cloudformation:stack")
    assert (finding.name, finding.verdict) == ("blue", "healthy")
    resources = account.listed("cloudformation:ListStackResources")
    assert sorted(str(one.name) for one in resources) == ["First", "Second"]
    assert {one.document["StackName"] for one in resources} == {finding.id}


def test_a_machine_is_judged_by_its_latest_executions(account: Account) -> None:
    arns = {
        kind: account.make(
            "stepfunctions",
            "CreateStateMachine",
            name=kind.lower(),
            definition=MACHINE,
            roleArn=ROLE,
            type=kind,
        )["stateMachineArn"]
        for kind in ("STANDARD", "EXPRESS")
    }
    account.make("stepfunctions", "StartExecution", stateMachineArn=arns["STANDARD"])
    found = {
        one.name: one.verdict for one in account.checked("stepfunctions:state_machine")
    }
    assert found == {"standard": "healthy", "express": "reachable"}


def test_log_groups_are_reachable_and_what_is_stored_is_no_change(
    account: Account,
) -> None:
    account.make("logs", "CreateLogGroup", logGroupName="/app")
    account.make("logs", "CreateLogStream", logGroupName="/app", logStreamName="one")
    (finding,) = account.checked("logs:log_group")
    (before,) = account.listed("logs:DescribeLogGroups")
    event = {"timestamp": 1_770_000_000_000, "message": "hello"}
    account.make(
        "logs",
        "PutLogEvents",
        logGroupName="/app",
        logStreamName="one",
        logEvents=[event],
    )
    (after,) = account.listed("logs:DescribeLogGroups")
    assert finding.verdict == "reachable"
    assert before.content_hash == after.content_hash


def test_only_the_accounts_own_documents_are_listed(account: Account) -> None:
    content = json.dumps({"schemaVersion": "2.2", "description": "d", "mainSteps": []})
    account.make(
        "ssm",
        "CreateDocument",
        Name="own",
        Content=content,
        DocumentType="Command",
        DocumentFormat="JSON",
    )
    names = [one.name for one in account.listed("ssm:ListDocuments")]
    assert names == ["own"]


def test_a_budget_is_judged_against_its_limit(account: Account) -> None:
    budget = {
        "BudgetName": "all",
        "BudgetLimit": {"Amount": "10", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }
    account.make("budgets", "CreateBudget", AccountId=ACCOUNT, Budget=budget)
    (finding,) = account.checked("budgets:budget")
    assert finding.verdict == "healthy"


def test_an_account_in_no_organization_is_not_applicable(account: Account) -> None:
    with pytest.raises(NotApplicable, match="AWSOrganizationsNotInUseException"):
        account.listed("organizations:DescribeOrganization")


def test_the_credentials_open_the_expected_account(account: Account) -> None:
    (finding,) = account.checked("sts:identity")
    assert finding.verdict == "healthy"
    assert ACCOUNT in finding.reason


def test_groups_and_providers_are_found_pool_by_pool(account: Account) -> None:
    for name in ("one", "two"):
        pool = account.make("cognito-idp", "CreateUserPool", PoolName=name)
        account.make(
            "cognito-idp",
            "CreateGroup",
            UserPoolId=pool["UserPool"]["Id"],
            GroupName="admins",
        )
    groups = account.listed("cognito-idp:ListGroups")
    assert [one.name for one in groups] == ["admins", "admins"]
    assert len({one.id for one in groups}) == 2
