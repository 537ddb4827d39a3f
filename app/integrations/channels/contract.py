"""What every way of telling takes and gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.channels import Configuration
from app.core.secret import Secret


@dataclass(frozen=True, slots=True)
class Webhook:
    """A customer's own address, which gets each notice as it is, signed."""

    url: str


class SnsPublisher(Protocol):
    """Publishes to one topic or telephone in the tenant's own name
    (app/aws/notifying.py)."""

    async def publish(self, *, subject: str, text: str, deduplication_id: str) -> str:
        """The id that SNS gave it. Raises ChannelRefused, ChannelBusy."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """To whom it goes.

    `secrets` is one URL or one key, as the channel's type has it; of a webhook, all
    that sign, the newest first. `recipients` are the addresses of a mail; `aws` is for
    SNS. `told` are the incidents that an earlier try told of.
    """

    configuration: Configuration | Webhook
    secrets: Sequence[Secret] = ()
    recipients: Sequence[str] = ()
    aws: SnsPublisher | None = field(default=None, repr=False)
    told: frozenset[str] = frozenset()

    @property
    def secret(self) -> str:
        """The text of the only secret there is."""
        [secret] = self.secrets
        return secret.reveal()


@dataclass(frozen=True, slots=True)
class Sent:
    """It was taken. `code` is the status of an HTTP answer; `detail` is one line about
    it, without secrets."""

    code: int | None
    detail: str
