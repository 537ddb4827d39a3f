"""What is given to SNS: the topic gets all, a telephone what fits."""

import pytest

from app.core.channels import ChannelType, SnsText, SnsTopic
from app.core.notice import Notice
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.registry import Senders
from tests.integrations.channels.notices import SITE, a_notice, id_of

TOPIC = SnsTopic(
    type=ChannelType.SNS,
    credentials_id=str(id_of(7)),
    topic_arn="arn:aws:sns:eu-west-1:123456789012:notices",
)
TEXT = SnsText(
    type=ChannelType.SNS,
    credentials_id=str(id_of(7)),
    phone_number="+4915112345678",
    region="eu-west-1",
)


class _Keeping:
    """Keeps what it is given to publish."""

    def __init__(self) -> None:
        self.given: list[dict[str, str]] = []

    async def publish(self, *, subject: str, text: str, deduplication_id: str) -> str:
        self.given.append({"subject": subject, "text": text, "id": deduplication_id})
        return "m-1"


async def _publish(
    senders: Senders, to: SnsTopic | SnsText, *notices: Notice
) -> dict[str, str]:
    aws = _Keeping()
    sent = await senders.send(Outgoing(to, aws=aws), notices, delivery_id=id_of(9))
    assert sent == Sent(200, "SNS took it as m-1.")
    [given] = aws.given
    assert given["id"] == str(id_of(9))
    return given


async def test_a_topic_gets_all_that_is_known(senders: Senders) -> None:
    given = await _publish(senders, TOPIC, a_notice(title="Größe naïve 東京"))
    assert given["subject"] == "Cloudrota: Große naive ??".replace("ß", "?")
    assert given["text"].startswith("Größe naïve 東京\n\n")
    assert "Missing action: ec2:DescribeInstances\n" in given["text"]
    assert f"\n{SITE}/problems/{id_of(5)}\n" in given["text"]


async def test_a_telephone_gets_a_title_and_a_link(senders: Senders) -> None:
    given = await _publish(senders, TEXT, a_notice())
    title = "The task Nightly listing fails in Production"
    assert given["text"] == f"Cloudrota: {title} {SITE}/problems/{id_of(5)}"


async def test_a_storm_is_one_message(senders: Senders) -> None:
    storm = [a_notice(id=id_of(n)) for n in range(10_000)]
    given = await _publish(senders, TOPIC, *storm)
    assert given["subject"] == "Cloudrota: 10,000 notices: problems opened 10,000"
    assert "and 9,980 more\n" in given["text"]


async def test_without_the_tenant_s_credentials_nothing_is_published(
    senders: Senders,
) -> None:
    with pytest.raises(ValueError, match="own credentials"):
        await senders.send(Outgoing(TOPIC), [a_notice()], delivery_id=id_of(9))
