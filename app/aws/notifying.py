"""Publishing to a tenant's SNS topic, or to a telephone, with the tenant's own keys:
one call, sent once, and sns:Publish is all that it needs."""

import re
from typing import Any, NoReturn

from app.aws.call import Guard, call
from app.aws.error_codes import Kind
from app.aws.errors import AWSError
from app.aws.session import TenantSession
from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.threads import Threads

ACTION = "sns:Publish"
_TOPIC_ARN = re.compile(
    r"arn:aws:sns:(?P<region>[a-z0-9-]{1,32}):(?P<account>[0-9]{12})"
    r":[A-Za-z0-9_-]{1,256}(?P<fifo>\.fifo)?",
    re.ASCII,
)
_FOR_LATER = frozenset(
    {Kind.THROTTLING, Kind.CAPACITY, Kind.UNAVAILABLE, Kind.CONNECTIVITY}
)
_threads = Threads(4)


def topic_of(arn: str, account_id: str) -> re.Match[str]:
    """The parts of a topic's ARN. Raises ChannelRefused if it is none, or one of
    another account than the credentials are for."""
    found = _TOPIC_ARN.fullmatch(arn)
    if found is None:
        raise ChannelRefused("The ARN is not one of an SNS topic.")
    if found["account"] != account_id:
        raise ChannelRefused("The topic is not in the account of the credentials.")
    return found


def statement_of(topic_arn: str) -> dict[str, Any]:
    """What a policy must allow for this topic, and no more."""
    return {"Effect": "Allow", "Action": [ACTION], "Resource": [topic_arn]}


class Publisher:
    """To one topic or one telephone. `session` must send each request once
    (`Endpoint.total_max_attempts`): SNS knows no repeat, but of a FIFO topic."""

    def __init__(
        self,
        session: TenantSession,
        guard: Guard,
        *,
        region: str,
        topic_arn: str | None = None,
        phone_number: str | None = None,
    ) -> None:
        if (topic_arn is None) == (phone_number is None):
            raise ValueError("either a topic or a telephone")
        self._session = session
        self._guard = guard
        self._region = region
        self._topic_arn = topic_arn
        self._phone_number = phone_number

    @classmethod
    def to_topic(cls, session: TenantSession, guard: Guard, arn: str) -> "Publisher":
        """Raises ChannelRefused for a topic that is not the session's account's."""
        region = topic_of(arn, session.account_id or "")["region"]
        return cls(session, guard, region=region, topic_arn=arn)

    async def publish(self, *, subject: str, text: str, deduplication_id: str) -> str:
        """The id of the message. Raises ChannelRefused and ChannelBusy, or what the
        guard raises."""
        params = self._params(subject, text, deduplication_id)
        try:
            return await _threads.run(self._publish, params)
        except AWSError as failure:
            _tell(failure)

    def _publish(self, params: dict[str, Any]) -> str:
        answer = call(
            self._session,
            service="sns",
            operation="Publish",
            region=self._region,
            guard=self._guard,
            params=params,
            iam_actions=(ACTION,),
        )
        assert isinstance(answer, dict)  # no absence was declared
        return str(answer["MessageId"])

    def _params(self, subject: str, text: str, deduplication_id: str) -> dict[str, Any]:
        if self._phone_number is not None:
            return {"PhoneNumber": self._phone_number, "Message": text}
        params = {"TopicArn": self._topic_arn, "Subject": subject, "Message": text}
        if str(self._topic_arn).endswith(".fifo"):
            params["MessageGroupId"] = "cloudrota"
            params["MessageDeduplicationId"] = deduplication_id
        return params


def _tell(failure: AWSError) -> NoReturn:
    facts = failure.facts
    status = facts.http_status
    said = " ".join(filter(None, [f"{facts.code}: {facts.message}", facts.advice]))
    if _FOR_LATER & set(facts.notes):
        raise ChannelBusy(said, status=status) from failure
    raise ChannelRefused(said, status=status) from failure
