"""Publishing to SNS, on a server that checks signatures and policies itself."""

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.aws.call import Guard, call
from app.aws.notifying import ACTION, Publisher, statement_of
from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.embedded.process import LOOPBACK, free_port
from app.core.secret import Secret

if TYPE_CHECKING:
    from tests.emulator import EmulatorServer

REGION = "eu-west-1"
MESSAGE = {"subject": "Hello", "text": "World", "deduplication_id": "d-1"}


def _ask(session: TenantSession, service: str, operation: str, **params: Any) -> Any:
    region = "us-east-1" if service == "iam" else REGION
    return call(
        session,
        service=service,
        operation=operation,
        region=region,
        guard=Guard(),
        params=params,
    )


@pytest.fixture
def root(emulator: "EmulatorServer") -> TenantSession:
    return TenantSession(
        emulator.root_keys, emulator.account_id, Endpoint(emulator.url)
    )


@pytest.fixture
def inbox(root: TenantSession) -> tuple[str, str]:
    """A topic, and the queue that hears it."""
    name = f"notices-{uuid4().hex[:12]}"
    topic = _ask(root, "sns", "CreateTopic", Name=name)["TopicArn"]
    arn = f"arn:aws:sqs:{REGION}:{root.account_id}:{name}"
    may_send = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may_send]})
    asked = {"QueueName": name, "Attributes": {"Policy": policy}}
    queue = _ask(root, "sqs", "CreateQueue", **asked)["QueueUrl"]
    _ask(root, "sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


def _user(root: TenantSession, emulator: "EmulatorServer", topic: str) -> TenantSession:
    """Of somebody who may do what `statement_of` says, and nothing else."""
    name = f"user-{uuid4().hex[:12]}"
    _ask(root, "iam", "CreateUser", UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [statement_of(topic)]}
    document = json.dumps(policy)
    wanted = {"UserName": name, "PolicyName": "p", "PolicyDocument": document}
    _ask(root, "iam", "PutUserPolicy", **wanted)
    made = _ask(root, "iam", "CreateAccessKey", UserName=name)["AccessKey"]
    keys = AWSKeys(made["AccessKeyId"], Secret(made["SecretAccessKey"]))
    return TenantSession(keys, root.account_id, Endpoint(emulator.url))


async def test_a_topic_hears_it_with_the_one_action_alone(
    root: TenantSession, emulator: "EmulatorServer", inbox: tuple[str, str]
) -> None:
    topic, queue = inbox
    session = _user(root, emulator, topic)
    assert await Publisher.to_topic(session, Guard(), topic).publish(**MESSAGE)
    waiting = {"QueueUrl": queue, "WaitTimeSeconds": 5}
    [heard] = _ask(root, "sqs", "ReceiveMessage", **waiting)["Messages"]
    said = json.loads(heard["Body"])
    assert (said["Subject"], said["Message"]) == ("Hello", "World")


async def test_what_is_not_allowed_is_refused_and_names_the_action(
    root: TenantSession, emulator: "EmulatorServer", inbox: tuple[str, str]
) -> None:
    topic, _ = inbox
    session = _user(root, emulator, f"{topic}-other")
    with pytest.raises(ChannelRefused) as refused:
        await Publisher.to_topic(session, Guard(), topic).publish(**MESSAGE)
    assert refused.value.status == 403
    assert ACTION in refused.value.detail


async def test_a_topic_that_is_gone_is_a_refusal(
    root: TenantSession,
) -> None:
    arn = f"arn:aws:sns:{REGION}:{root.account_id}:gone-{uuid4().hex[:8]}"
    with pytest.raises(ChannelRefused) as refused:
        await Publisher.to_topic(root, Guard(), arn).publish(**MESSAGE)
    assert refused.value.status == 404


async def test_that_aws_is_away_is_for_later(root: TenantSession) -> None:
    nowhere = Endpoint(f"http://{LOOPBACK}:{free_port()}", connect_timeout=1)
    keys = AWSKeys("AKIAIOSFODNN7EXAMPLE", Secret("s" * 40))
    session = TenantSession(keys, root.account_id, nowhere)
    arn = f"arn:aws:sns:{REGION}:{root.account_id}:any"
    with pytest.raises(ChannelBusy):
        await Publisher.to_topic(session, Guard(), arn).publish(**MESSAGE)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sns:eu-west-1:999999999999:theirs",
        "arn:aws:sqs:eu-west-1:{account}:queue",
        "arn:aws-cn:sns:eu-west-1:{account}:topic",
        "arn:aws:sns:eu-west-1:{account}:topic:subscription",
        "arn:aws:sns:eu-west-1:{account}:topic\n",
        "arn:aws:sns:eu-west-1:{account}:*",
        "https://evil.example/",
        "",
    ],
    ids=ascii,
)
def test_only_a_topic_of_the_same_account_is_published_to(
    root: TenantSession, arn: str
) -> None:
    with pytest.raises(ChannelRefused):
        Publisher.to_topic(
            root, Guard(), arn.replace("{account}", root.account_id or "")
        )


def test_it_goes_to_a_topic_or_to_a_telephone(root: TenantSession) -> None:
    for both in ({}, {"topic_arn": "a", "phone_number": "+491"}):
        with pytest.raises(ValueError, match="either"):
            Publisher(root, Guard(), region=REGION, **both)


async def test_a_telephone_gets_the_text_alone(root: TenantSession) -> None:
    to = Publisher(root, Guard(), region=REGION, phone_number="+4915112345678")
    assert await to.publish(**MESSAGE)
