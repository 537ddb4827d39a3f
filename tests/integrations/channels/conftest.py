"""A receiver on loopback that stands for each service's host, and what sends to it."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from app.core.settings import Settings
from app.integrations.channels.registry import Senders
from app.integrations.outbound import Answer, Outbound
from tests.attack.receivers import PUBLIC, Receiver, receiver
from tests.integrations.channels.notices import SITE
from tests.mailbox import MailServer

HOSTS = (
    "hooks.example",
    "hooks.slack.com",
    "acme.webhook.office.com",
    "discord.com",
    "events.pagerduty.com",
    "events.eu.pagerduty.com",
    "api.opsgenie.com",
    "api.eu.opsgenie.com",
)


class Led(Outbound):
    """A network in which port 443 of every host leads to the receiver."""

    def __init__(self, hooks: Receiver) -> None:
        async def resolve(_: str) -> list[str]:
            return [PUBLIC]

        super().__init__(
            resolve=resolve,
            permits=lambda address: address == PUBLIC,
            ports=frozenset({hooks.port}),
            trust=hooks.trust(),
        )
        self._port = hooks.port

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(url)
        led = parts._replace(netloc=f"{parts.hostname}:{self._port}")
        return await super().post(led.geturl(), body, headers)


@pytest.fixture
async def hooks() -> AsyncIterator[Receiver]:
    async with receiver(hosts=HOSTS) as listener:
        yield listener


@pytest.fixture
def settings(mail_server: MailServer) -> Settings:
    """Settings that lead to the test's mail server."""
    return Settings(
        _env_file=None,
        environment="test",
        public_url=SITE,
        secret_key=SecretStr("0123456789abcdef" * 4),
        redis_url=SecretStr("redis://127.0.0.1:1"),
        smtp_url=SecretStr(mail_server.url),
        mail_from="Cloudrota <no-reply@cloudrota.example>",
    )


@pytest.fixture
def senders(settings: Settings, hooks: Receiver) -> Senders:
    return Senders(settings, Led(hooks))
