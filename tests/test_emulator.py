"""The emulated AWS accounts hold what the tests and the demo rely on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.secret import Secret
from tests.conftest import AWS, EXTERNAL_ID
from tests.emulator import EmulatorServer
from tests.emulator_account import (
    HOME_REGION,
    Account,
    Platform,
    fill,
    revoke_key,
)


@pytest.fixture(scope="module")
def platform(aws: AWS) -> Platform:
    return aws.platform


@pytest.fixture(scope="module")
def account(aws: AWS) -> Account:
    return aws.account


@pytest.fixture(scope="module")
def client(emulator: EmulatorServer) -> Callable[..., Any]:
    def made(keys: AWSKeys, service: str, region: str = HOME_REGION) -> Any:
        return TenantSession(keys, None, Endpoint(emulator.url)).client(service, region)

    return made


@pytest.fixture(scope="module")
def assumed(
    client: Callable[..., Any], platform: Platform, account: Account
) -> AWSKeys:
    answer = client(platform.keys, "sts").assume_role(
        RoleArn=account.role_arn, RoleSessionName="test", ExternalId=EXTERNAL_ID
    )["Credentials"]
    secret, token = Secret(answer["SecretAccessKey"]), Secret(answer["SessionToken"])
    return AWSKeys(answer["AccessKeyId"], secret, token)


@pytest.mark.parametrize("given", [{}, {"ExternalId": "a wrong one"}])
def test_the_role_is_closed_without_its_external_id(
    client: Callable[..., Any],
    platform: Platform,
    account: Account,
    given: dict[str, str],
) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        client(platform.keys, "sts").assume_role(
            RoleArn=account.role_arn, RoleSessionName="test", **given
        )


def test_the_role_reads_both_regions(
    client: Callable[..., Any], assumed: AWSKeys, account: Account
) -> None:
    states = {
        region: sorted(
            instance["State"]["Name"]
            for reservation in client(assumed, "ec2", region).describe_instances()[
                "Reservations"
            ]
            for instance in reservation["Instances"]
        )
        for region in account.regions
    }
    assert states == {
        "eu-central-1": ["running", "running", "running", "stopped"],
        "us-east-1": ["running"],
    }


def test_the_role_lacks_the_withheld_action(
    client: Callable[..., Any], assumed: AWSKeys, account: Account
) -> None:
    with pytest.raises(ClientError, match=account.withheld_action):
        client(assumed, "secretsmanager").list_secrets()


def test_the_role_changes_nothing(client: Callable[..., Any], assumed: AWSKeys) -> None:
    with pytest.raises(ClientError, match="sqs:CreateQueue"):
        client(assumed, "sqs").create_queue(QueueName="ours")


def test_a_wrong_secret_is_refused(
    client: Callable[..., Any], account: Account
) -> None:
    forged = AWSKeys(account.user_keys.access_key_id, Secret("guessed"))
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client(forged, "sts").get_caller_identity()


def test_a_revoked_key_is_refused(
    emulator: EmulatorServer, client: Callable[..., Any], platform: Platform
) -> None:
    elsewhere = replace(emulator, account_id="350998410172")
    principal = platform.principal_arn
    other = fill(elsewhere, external_id=EXTERNAL_ID, principal=principal)
    assert client(other.user_keys, "sts").get_caller_identity()["Arn"]
    revoke_key(elsewhere, other)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client(other.user_keys, "sts").get_caller_identity()
