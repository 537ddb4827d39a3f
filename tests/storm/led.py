"""A network in which port 443 of every host leads to one receiver on loopback."""

import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.integrations.outbound import Answer, Limits, Outbound
from tests.attack.receivers import PUBLIC

HOSTS = ("hooks.example", "hooks.slack.com")
READ_SECONDS = 2


class Led(Outbound):
    def __init__(self, port: int, trust: ssl.SSLContext) -> None:
        async def resolve(_: str) -> list[str]:
            return [PUBLIC]

        super().__init__(
            resolve=resolve,
            permits=lambda address: address == PUBLIC,
            ports=frozenset({port}),
            trust=trust,
            limits=Limits(read=READ_SECONDS),
        )
        self._port = port

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(url)
        led = parts._replace(netloc=f"{parts.hostname}:{self._port}")
        return await super().post(led.geturl(), body, headers)
