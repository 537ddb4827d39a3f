"""IAM, KMS, Secrets Manager, ACM, CloudTrail and Config with real resources."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.aws.behaviour.account import Account


def test_a_deactivated_access_key_is_inactive(account: Account) -> None:
    for name in ("ada", "bob"):
        account.make("iam", "CreateUser", UserName=name)
        account.make("iam", "CreateAccessKey", UserName=name)
    keys = {one.name: one.id for one in account.listed("iam:ListAccessKeys")}
    account.make(
        "iam",
        "UpdateAccessKey",
        UserName="bob",
        AccessKeyId=keys["bob"],
        Status="Inactive",
    )
    found = {one.name: one for one in account.checked("iam:access_key")}
    assert {name: one.verdict for name, one in found.items()} == {
        "ada": "healthy",
        "bob": "inactive",
    }
    assert found["ada"].reason == "The access key is 0 days old."


def test_only_the_accounts_own_policies_are_listed(account: Account) -> None:
    statement = {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
    account.make(
        "iam",
        "CreatePolicy",
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}),
    )
    assert [one.name for one in account.listed("iam:ListPolicies")] == ["own"]


def test_a_root_user_without_mfa_is_unhealthy(account: Account) -> None:
    (finding,) = account.checked("iam:account_summary")
    assert finding.verdict == "unhealthy"
    assert "the root user has no MFA" in finding.reason


def test_a_key_is_judged_by_its_state(account: Account) -> None:
    made = [account.make("kms", "CreateKey")["KeyMetadata"]["KeyId"] for _ in range(3)]
    account.make("kms", "DisableKey", KeyId=made[1])
    account.make("kms", "ScheduleKeyDeletion", KeyId=made[2], PendingWindowInDays=7)
    found = {one.id: one for one in account.checked("kms:key")}
    verdicts = [found[key].verdict for key in made]
    assert verdicts == ["healthy", "inactive", "degraded"]
    assert "It will be deleted on" in found[made[2]].reason


def test_a_secret_is_described_and_its_value_never_read(account: Account) -> None:
    value = "correct-horse-battery-staple"
    account.make("secretsmanager", "CreateSecret", Name="db", SecretString=value)
    (item,) = account.listed("secretsmanager:ListSecrets")
    (finding,) = account.checked("secretsmanager:secret")
    assert finding.verdict == "reachable"
    assert value not in str(item.document) + str(finding)


def certificate(days: int, key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name(
        [x509.NameAttribute(x509.NameOID.COMMON_NAME, f"{days}.example.org")]
    )
    began = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=days + 1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def test_a_certificate_that_expires_soon_is_degraded(account: Account) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    for days in (10, 90):
        account.make(
            "acm",
            "ImportCertificate",
            Certificate=certificate(days, key),
            PrivateKey=pem,
        )
    found = {one.name: one.verdict for one in account.checked("acm:certificate")}
    assert found == {"10.example.org": "degraded", "90.example.org": "healthy"}


@pytest.fixture
def trail(account: Account) -> str:
    location = {"LocationConstraint": "eu-west-1"}
    account.make(
        "s3", "CreateBucket", Bucket="logs", CreateBucketConfiguration=location
    )
    account.make("cloudtrail", "CreateTrail", Name="all", S3BucketName="logs")
    return "all"


def test_a_trail_that_does_not_log_is_unhealthy(account: Account, trail: str) -> None:
    (stopped,) = account.checked("cloudtrail:trail")
    account.make("cloudtrail", "StartLogging", Name=trail)
    (started,) = account.checked("cloudtrail:trail")
    assert (stopped.verdict, stopped.reason) == ("unhealthy", "The trail does not log.")
    assert started.verdict == "healthy"


def test_a_stopped_recorder_is_unhealthy(account: Account, trail: str) -> None:
    role = "arn:aws:iam::123456789012:role/config"
    recorder = {"name": "default", "roleARN": role}
    account.make("config", "PutConfigurationRecorder", ConfigurationRecorder=recorder)
    (finding,) = account.checked("config:recorder")
    assert finding.verdict == "unhealthy"
    assert finding.reason == "The recorder is stopped."
