"""SQS, SNS and EventBridge with real queues, topics and rules."""

import json

from tests.aws.behaviour.account import Account

PATTERN = json.dumps({"source": ["orders"]})


def queue(account: Account, name: str, **attributes: str) -> str:
    made = account.make("sqs", "CreateQueue", QueueName=name, Attributes=attributes)
    return str(made["QueueUrl"])


def arn_of(account: Account, url: str) -> str:
    wanted = ["QueueArn"]
    found = account.make(
        "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=wanted
    )
    return str(found["Attributes"]["QueueArn"])


def test_a_dead_letter_makes_its_queue_unhealthy(account: Account) -> None:
    dead = queue(account, "dead")
    policy = {"deadLetterTargetArn": arn_of(account, dead), "maxReceiveCount": 1}
    queue(account, "orders", RedrivePolicy=json.dumps(policy))
    before = {one.name: one.verdict for one in account.checked("sqs:queue")}
    account.make("sqs", "SendMessage", QueueUrl=dead, MessageBody="lost")
    after = {one.name: one for one in account.checked("sqs:queue")}
    assert before == {"dead": "healthy", "orders": "healthy"}
    assert after["orders"].verdict == "unhealthy"
    assert after["orders"].reason == "1 messages are in its dead-letter queue."
    assert after["orders"].facts["dead_letters"] == "1"


def test_a_dead_letter_queue_that_is_gone_is_a_fault(account: Account) -> None:
    dead = queue(account, "dead")
    policy = {"deadLetterTargetArn": arn_of(account, dead), "maxReceiveCount": 1}
    queue(account, "orders", RedrivePolicy=json.dumps(policy))
    account.make("sqs", "DeleteQueue", QueueUrl=dead)
    (finding,) = account.checked("sqs:queue")
    assert finding.verdict == "unhealthy"
    assert finding.facts["DeadLetterUrl"].startswith("absent")


def test_a_queue_that_only_counts_messages_does_not_change(account: Account) -> None:
    url = queue(account, "orders")
    (before,) = account.listed("sqs:GetQueueAttributes")
    account.make("sqs", "SendMessage", QueueUrl=url, MessageBody="one")
    (after,) = account.listed("sqs:GetQueueAttributes")
    assert before.document != after.document
    assert before.content_hash == after.content_hash


def test_topics_are_reachable_and_subscriptions_listed(account: Account) -> None:
    topic = account.make("sns", "CreateTopic", Name="news")["TopicArn"]
    target = arn_of(account, queue(account, "readers"))
    account.make("sns", "Subscribe", TopicArn=topic, Protocol="sqs", Endpoint=target)
    (finding,) = account.checked("sns:topic")
    (subscription,) = account.listed("sns:ListSubscriptions")
    assert (finding.name, finding.verdict) == ("news", "reachable")
    assert subscription.document["Endpoint"] == target


def test_rules_of_every_bus_are_found_with_their_targets(account: Account) -> None:
    account.make("events", "CreateEventBus", Name="own")
    target = arn_of(account, queue(account, "events"))
    for bus in ("default", "own"):
        rule = {"Name": "orders", "EventBusName": bus}
        account.make("events", "PutRule", EventPattern=PATTERN, **rule)
        account.make(
            "events",
            "PutTargets",
            Rule="orders",
            EventBusName=bus,
            Targets=[{"Id": "1", "Arn": target}],
        )
    account.make("events", "DisableRule", Name="orders", EventBusName="own")
    verdicts = {one.facts["bus"]: one.verdict for one in account.checked("events:rule")}
    assert verdicts == {"default": "reachable", "own": "inactive"}
    targets = account.listed("events:ListTargetsByRule")
    assert len({one.id for one in targets}) == 2
    assert {one.document["Arn"] for one in targets} == {target}
