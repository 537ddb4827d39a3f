"""Which way of telling sends what: the one door to all channels."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from app.core.channels import (
    Configuration,
    Discord,
    EmailToAddress,
    EmailToManagers,
    Opsgenie,
    PagerDuty,
    Slack,
    SnsText,
    SnsTopic,
    Teams,
)
from app.core.notice import Notice
from app.core.settings import Settings
from app.integrations.channels import (
    discord,
    mail,
    opsgenie,
    pagerduty,
    slack,
    sns,
    teams,
    webhook,
)
from app.integrations.channels.contract import Outgoing, Sent, Webhook
from app.integrations.channels.incidents import incidents_of
from app.integrations.channels.message import Message, message_of
from app.integrations.outbound import Outbound


class Senders:
    """Sends to channels and endpoints. One per process; tests give `outbound`."""

    def __init__(self, settings: Settings, outbound: Outbound | None = None) -> None:
        self._settings = settings
        self._outbound = outbound or Outbound()

    async def send(
        self, outgoing: Outgoing, notices: Sequence[Notice], *, delivery_id: UUID
    ) -> Sent:
        """Send the notices as one message, with no transaction open meanwhile. More
        than one is a digest, which a webhook never gets.

        Raises ChannelRefused (sending it again changes nothing), ChannelBusy (later),
        UnsafeTarget, TargetAway and MailNotSent.
        """
        match outgoing.configuration:
            case Webhook() as to:
                [notice] = notices
                return await webhook.send(
                    self._outbound,
                    to,
                    notice,
                    secrets=outgoing.secrets,
                    delivery_id=delivery_id,
                )
            case to:
                return await self._tell(to, outgoing, notices, delivery_id)

    async def _tell(
        self,
        to: Configuration,
        outgoing: Outgoing,
        notices: Sequence[Notice],
        delivery_id: UUID,
    ) -> Sent:
        site = self._settings.public_url
        if isinstance(to, PagerDuty | Opsgenie):
            incidents = incidents_of(notices, site, delivery_id=delivery_id)
            if isinstance(to, PagerDuty):
                return await pagerduty.send(self._outbound, to, outgoing, incidents)
            return await opsgenie.send(self._outbound, to, outgoing, incidents)
        message = message_of(notices, site)
        if isinstance(to, SnsTopic | SnsText):
            return await sns.send(to, outgoing, message, delivery_id=delivery_id)
        if isinstance(to, EmailToManagers | EmailToAddress):
            thread = _thread_of(notices)
            mails = [
                mail.mail_of(message, one, delivery_id=delivery_id, thread=thread)
                for one in outgoing.recipients
            ]
            return await mail.send(self._settings, mails)
        return await _POSTED[type(to)](self._outbound, outgoing, message)


_POSTED: Mapping[
    type[Slack | Teams | Discord],
    Callable[[Outbound, Outgoing, Message], Awaitable[Sent]],
] = MappingProxyType({Slack: slack.send, Teams: teams.send, Discord: discord.send})


def _thread_of(notices: Sequence[Notice]) -> str | None:
    """The mails of one problem are one thread."""
    [problem, *others] = {notice.problem_id for notice in notices}
    return None if others or problem is None else f"problem.{problem}"
