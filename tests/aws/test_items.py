"""A resource is named, redacted and hashed; what cannot be fails its unit alone."""

from typing import Any

import pytest

from app.aws.session import TenantSession
from app.aws.unit import Item
from tests.aws.fake_aws import ACCOUNT, FakeAWS
from tests.aws.lists import REGION, listed, refused


def instance(**members: Any) -> dict[str, Any]:
    return {"Reservations": [{"Instances": [{"InstanceId": "i-1", **members}]}]}


def one_instance(fake: FakeAWS, session: TenantSession, **members: Any) -> list[Item]:
    answer = {**instance(**members), "NextToken": None}
    with fake.afresh(answers={"ec2:DescribeInstances": answer}):
        return listed("ec2:DescribeInstances", session)


def test_names_a_resource_by_id_name_tag_and_state(
    fake: FakeAWS, session: TenantSession
) -> None:
    tags = [{"Key": "team", "Value": "a"}, {"Key": "Name", "Value": "web"}]
    (item,) = one_instance(
        fake, session, Tags=tags, State={"Name": "running", "Code": 16}
    )
    assert (item.type, item.id, item.name) == ("ec2:instance", "i-1", "web")
    assert (item.state, item.region, item.arn) == ("running", REGION, None)
    assert item.document["State"] == {"Code": 16, "Name": "running"}


def test_a_queue_has_the_name_in_its_arn(fake: FakeAWS, session: TenantSession) -> None:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
    queue = {"Attributes": {"QueueArn": arn, "ApproximateNumberOfMessages": "3"}}
    one_queue = {"QueueUrls": ["https://queue"], "NextToken": None}
    with fake.afresh(
        answers={"sqs:ListQueues": one_queue, "sqs:GetQueueAttributes": queue}
    ):
        (item,) = listed("sqs:GetQueueAttributes", session)
    assert (item.id, item.name) == (arn, "orders")


def test_a_bucket_lies_in_its_own_region(fake: FakeAWS, session: TenantSession) -> None:
    bucket = {"Buckets": [{"Name": "b", "BucketRegion": "eu-central-1"}]}
    last = {**bucket, "ContinuationToken": None}
    with fake.afresh(answers={"s3:ListBuckets": last}):
        (item,) = listed("s3:ListBuckets", session)
        assert {asked.region for asked in fake.ledger} == {"us-east-1"}
    assert item.region == "eu-central-1"


def test_the_hash_is_of_what_is_said_not_of_what_moves(
    fake: FakeAWS, session: TenantSession
) -> None:
    def hash_of(**attributes: str) -> str:
        queue = {"Attributes": {"QueueArn": "arn:aws:sqs:x:1:q", **attributes}}
        one_queue = {"QueueUrls": ["https://queue"], "NextToken": None}
        with fake.afresh(
            answers={"sqs:ListQueues": one_queue, "sqs:GetQueueAttributes": queue}
        ):
            (item,) = listed("sqs:GetQueueAttributes", session)
        return item.content_hash

    quiet = hash_of(ApproximateNumberOfMessages="0", DelaySeconds="0")
    assert quiet == hash_of(ApproximateNumberOfMessages="9", DelaySeconds="0")
    assert quiet != hash_of(ApproximateNumberOfMessages="0", DelaySeconds="5")


def test_secrets_are_masked_before_anything_else(
    fake: FakeAWS, session: TenantSession
) -> None:
    function = {
        "FunctionName": "f",
        "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f",
        "Environment": {"Variables": {"DB_PASSWORD": "canary-7f3a"}},
    }
    answer = {"Functions": [function], "NextMarker": None}
    with fake.afresh(answers={"lambda:ListFunctions": answer}):
        (item,) = listed("lambda:ListFunctions", session)
    assert "canary-7f3a" not in str(item)
    assert "DB_PASSWORD" in str(item.document)


@pytest.mark.parametrize("name", ["a\x00b", "a\u202eb"])
def test_a_hostile_resource_fails_its_unit(
    name: str, fake: FakeAWS, session: TenantSession
) -> None:
    topic = {"Topics": [{"TopicArn": "arn"}], "NextToken": None}
    secret = {"SecretList": [{"ARN": "arn", "Name": name}], "NextToken": None}
    with fake.afresh(
        answers={"sns:ListTopics": topic, "secretsmanager:ListSecrets": secret}
    ):
        failure = refused("secretsmanager:ListSecrets", session)
        assert failure.facts.code == "hostile_or_oversized"
        assert len(listed("sns:ListTopics", session)) == 1


def test_a_resource_listed_twice_fails_its_unit(
    fake: FakeAWS, session: TenantSession
) -> None:
    twice = {"Topics": [{"TopicArn": "arn"}, {"TopicArn": "arn"}]}
    with fake.afresh(answers={"sns:ListTopics": twice}):
        failure = refused("sns:ListTopics", session)
    assert failure.facts.code == "hostile_or_oversized"


def test_a_resource_without_an_id_fails_its_unit(
    fake: FakeAWS, session: TenantSession
) -> None:
    nameless = {"SecretList": [{"Description": "of nothing"}]}
    with fake.afresh(answers={"secretsmanager:ListSecrets": nameless}):
        failure = refused("secretsmanager:ListSecrets", session)
    assert failure.facts.code == "unidentified_resource"


def test_a_missing_list_is_an_empty_account(
    fake: FakeAWS, session: TenantSession
) -> None:
    empty = {"Topics": None, "NextToken": None}
    with fake.afresh(answers={"sns:ListTopics": empty}):
        assert listed("sns:ListTopics", session) == []
