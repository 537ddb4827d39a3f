"""The same proofs on a server that checks signatures, trust and policies itself."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.aws.call import Guard, call
from app.aws.errors import AWSAuthenticationError, AWSPermissionError
from app.aws.onboarding import trust_policy
from app.aws.policy import Policy, policy_for, session_policy
from app.aws.session import AWSKeys, Endpoint, PlatformSession, TenantSession
from app.aws.sts import Probe, assume_role, caller_identity, probe_external_id
from app.core.secret import Secret

if TYPE_CHECKING:
    from tests.emulator import EmulatorServer

REGION = "us-east-1"
EXTERNAL_ID = Secret("an-external-id-of-32-characters-")


@dataclass(frozen=True)
class Account:
    """An account with one user who may assume any role that lets it."""

    endpoint: Endpoint
    account_id: str
    root: PlatformSession
    user: str
    user_keys: AWSKeys

    @property
    def platform(self) -> PlatformSession:
        return PlatformSession(self.user_keys, self.endpoint)

    @property
    def principal(self) -> str:
        return f"arn:aws:iam::{self.account_id}:user/{self.user}"

    def role(self, trust: Policy, actions: list[str]) -> str:
        name = f"role-{uuid4().hex[:12]}"
        iam(
            self.root, "CreateRole", RoleName=name, AssumeRolePolicyDocument=text(trust)
        )
        for number, policy in enumerate(policy_for(actions)):
            iam(
                self.root,
                "PutRolePolicy",
                RoleName=name,
                PolicyName=f"policy-{number}",
                PolicyDocument=text(policy),
            )
        return f"arn:aws:iam::{self.account_id}:role/{name}"


def text(policy: Policy) -> str:
    return json.dumps(policy)


def iam(session: PlatformSession, operation: str, **params: str) -> Any:
    return call(
        session,
        service="iam",
        operation=operation,
        region=REGION,
        params=params,
        guard=Guard(),
    )


@pytest.fixture
def account(emulator: "EmulatorServer") -> Account:
    endpoint = Endpoint(url=emulator.url)
    root = PlatformSession(emulator.root_keys, endpoint)
    user = f"user-{uuid4().hex[:12]}"
    iam(root, "CreateUser", UserName=user)
    may_assume = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    iam(
        root,
        "PutUserPolicy",
        UserName=user,
        PolicyName="assume",
        PolicyDocument=text({"Version": "2012-10-17", "Statement": [may_assume]}),
    )
    key = iam(root, "CreateAccessKey", UserName=user)["AccessKey"]
    keys = AWSKeys(key["AccessKeyId"], Secret(key["SecretAccessKey"]))
    return Account(endpoint, emulator.account_id, root, user, keys)


def probe(account: Account, role_arn: str) -> Probe:
    return probe_external_id(
        account.platform,
        role_arn=role_arn,
        external_id=EXTERNAL_ID,
        session_name="cloudrota-verify",
        region=REGION,
        guard=Guard(),
    )


def ec2(account: Account, keys: AWSKeys, operation: str) -> Any:
    session = TenantSession(keys, account.account_id, account.endpoint)
    return call(
        session, service="ec2", operation=operation, region=REGION, guard=Guard()
    )


def test_a_role_with_our_trust_policy_enforces_its_external_id(
    account: Account,
) -> None:
    trust = trust_policy(account.principal, EXTERNAL_ID.reveal())
    found = probe(account, account.role(trust, ["ec2:DescribeInstances"]))
    assert found.verdict == "enforced"
    assert found.keys is not None
    session = TenantSession(found.keys, account.account_id, account.endpoint)
    identity = caller_identity(session, region=REGION, guard=Guard())
    assert identity.account_id == account.account_id
    assert "Reservations" in ec2(account, found.keys, "DescribeInstances")


def test_a_role_that_asks_for_no_external_id_is_not_enforced(account: Account) -> None:
    trust = trust_policy(account.principal, EXTERNAL_ID.reveal())
    del trust["Statement"][0]["Condition"]
    found = probe(account, account.role(trust, []))
    assert (found.verdict, found.keys) == ("external_id_not_enforced", None)


def test_a_role_with_another_external_id_refuses(account: Account) -> None:
    trust = trust_policy(account.principal, "another-external-id")
    found = probe(account, account.role(trust, []))
    assert (found.verdict, found.keys) == ("denied", None)


def test_a_denial_names_the_missing_action(account: Account) -> None:
    trust = trust_policy(account.principal, EXTERNAL_ID.reveal())
    found = probe(account, account.role(trust, ["ec2:DescribeInstances"]))
    assert found.keys is not None
    with pytest.raises(AWSPermissionError) as caught:
        ec2(account, found.keys, "DescribeVolumes")
    assert caught.value.facts.missing_action == "ec2:DescribeVolumes"
    assert caught.value.facts.deny_source == "identity_policy"


def test_a_session_policy_narrows_the_role(account: Account) -> None:
    trust = trust_policy(account.principal, EXTERNAL_ID.reveal())
    role = account.role(trust, ["ec2:DescribeInstances", "ec2:DescribeVolumes"])
    [policy] = session_policy(["ec2:DescribeVolumes"])
    keys = assume_role(
        account.platform,
        role_arn=role,
        external_id=EXTERNAL_ID,
        session_name="cloudrota-run",
        region=REGION,
        guard=Guard(),
        policy=policy,
    )
    assert "Volumes" in ec2(account, keys, "DescribeVolumes")
    with pytest.raises(AWSPermissionError):
        ec2(account, keys, "DescribeInstances")


def test_a_wrong_secret_and_a_revoked_key_are_authentication_errors(
    account: Account,
) -> None:
    wrong = AWSKeys(account.user_keys.access_key_id, Secret("x" * 40))
    with pytest.raises(AWSAuthenticationError):
        ec2(account, wrong, "DescribeInstances")
    iam(
        account.root,
        "UpdateAccessKey",
        UserName=account.user,
        AccessKeyId=account.user_keys.access_key_id,
        Status="Inactive",
    )
    with pytest.raises(AWSAuthenticationError) as caught:
        ec2(account, account.user_keys, "DescribeInstances")
    assert caught.value.facts.code == "AuthFailure"
