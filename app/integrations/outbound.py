"""The one way in which users' URLs are asked: webhooks, Slack, Teams, every channel.

A name is resolved once, every address it has must be public, and one of these very
addresses is connected to, with the name in SNI, certificate and Host; so it helps
nobody to answer another address the second time. Nothing is redirected, unpacked, sent
through a proxy, or taken from the environment.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from ipaddress import ip_address
from math import ceil

import certifi
import httpcore
from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

from app.core.clock import now
from app.core.errors import Unavailable
from app.core.outbound_addresses import is_public
from app.core.version import VERSION
from app.integrations.outbound_target import (
    PORTS,
    Refusal,
    Target,
    UnsafeTarget,
    target_of,
)

_MOST_ADDRESSES = 3  # of one name are tried, before anything is sent
_LONGEST_RETRY = 24 * 60 * 60
_WHOLE_OR_BROKEN = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
_OURS = {
    "User-Agent": f"cloudrota/{VERSION}",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class Failure(StrEnum):
    """Why a URL that may be asked gave no answer."""

    UNRESOLVED = "unresolved"
    NOT_CONNECTED = "not_connected"
    TLS = "tls"
    TIMED_OUT = "timed_out"
    BROKEN = "broken"


_SENTENCES = {
    Failure.UNRESOLVED: "The name servers of the host gave no answer.",
    Failure.NOT_CONNECTED: "Nobody listens there.",
    Failure.TLS: "No trusted connection was made.",
    Failure.TIMED_OUT: "It did not answer in time.",
    Failure.BROKEN: "The connection ended before an answer, or it was not HTTP.",
}


class TargetAway(Unavailable):
    """It may have heard what was sent if `reason` is `timed_out` or `broken`; else
    nothing was sent. Asking again later may help."""

    code = "target-away"
    title = "The URL gave no answer"

    def __init__(self, reason: Failure, detail: str = "") -> None:
        super().__init__(f"{_SENTENCES[reason]} {detail}".strip())
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of an answer's body."""

    connect: float = 3
    read: float = 5
    total: float = 10
    answer: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What it said. `is_cut`: the body went on after what is here. `retry_after`: the
    seconds that it asks to be left alone, at most a day."""

    status: int
    body: bytes
    is_cut: bool
    retry_after: int | None = None

    @property
    def is_accepted(self) -> bool:
        """A redirect is not: it is answered like any refusal, and not followed."""
        return 200 <= self.status < 300  # noqa: PLR2004 — the statuses of success


Resolve = Callable[[str], Awaitable[Sequence[str]]]


def resolving(resolver: Callable[[], Resolver] = Resolver) -> Resolve:
    """Asks DNS for the addresses of an absolute name: no search list, no hosts file, no
    thread that a slow name server could hold."""

    async def resolve(host: str) -> Sequence[str]:
        try:
            found = await resolver().resolve_name(f"{host}.", socket.AF_UNSPEC)
        except (NXDOMAIN, NoAnswer) as error:
            raise UnsafeTarget(Refusal.NOT_PUBLIC) from error
        except (DNSException, OSError) as error:
            raise TargetAway(Failure.UNRESOLVED) from error
        # IPv4 first: not every network of ours has the other.
        return sorted(found.addresses(), key=lambda address: ":" in address)

    return resolve


def _public_certificates() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


class Outbound:
    """What is given at construction is for tests, which cannot ask the internet; no
    setting leads here."""

    def __init__(
        self,
        *,
        resolve: Resolve | None = None,
        permits: Callable[[str], bool] = is_public,
        ports: frozenset[int] = PORTS,
        trust: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._resolve = resolve or resolving()
        self._permits = permits
        self._ports = ports
        self._trust = trust or _public_certificates()
        self._limits = limits or Limits()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` once, with `headers` besides our own; the answer, whatever its
        status. Raises UnsafeTarget or TargetAway, neither of which tells the URL."""
        target = target_of(url, self._ports)
        try:
            async with asyncio.timeout(self._limits.total):
                addresses = await self._addresses(target.host)
                *others, last = addresses
                for address in others:
                    with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                        return await self._ask(target, address, body, headers)
                return await self._ask(target, last, body, headers)
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise TargetAway(Failure.TIMED_OUT) from error
        except httpcore.ConnectError as error:
            raise _not_connected(error) from error
        except (httpcore.NetworkError, httpcore.RemoteProtocolError) as error:
            raise TargetAway(Failure.BROKEN) from error

    async def _addresses(self, host: str) -> Sequence[str]:
        """The host's addresses, if there is one and each may be asked."""
        found = [host] if _is_address(host) else await self._resolve(host)
        if not found or not all(self._permits(address) for address in found):
            raise UnsafeTarget(Refusal.NOT_PUBLIC)
        return found[:_MOST_ADDRESSES]

    async def _ask(
        self, target: Target, address: str, body: bytes, headers: Mapping[str, str]
    ) -> Answer:
        """Ask the target at that address. What is raised as an error or a timeout of
        connecting is raised before anything was sent."""
        url = httpcore.URL(
            scheme=b"https",
            host=address.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        limits = self._limits
        timeout = {"connect": limits.connect, "read": limits.read, "write": limits.read}
        sent = {"Host": target.authority, **_OURS, **headers}
        async with (
            httpcore.AsyncHTTPConnection(url.origin, ssl_context=self._trust) as there,
            there.stream(
                "POST",
                url,
                headers=[*sent.items()],
                content=body,
                extensions={"timeout": timeout, "sni_hostname": target.host},
            ) as response,
        ):
            return await self._read(response)

    async def _read(self, response: httpcore.Response) -> Answer:
        body = bytearray()
        async for piece in response.aiter_stream():
            body += piece
            if len(body) > self._limits.answer:
                break
        most = self._limits.answer
        return Answer(
            response.status,
            bytes(body[:most]),
            is_cut=len(body) > most,
            retry_after=_retry_after(response.headers),
        )


def _retry_after(headers: Sequence[tuple[bytes, bytes]]) -> int | None:
    """The seconds of the header Retry-After, which says them or an instant."""
    for name, value in headers:
        if name.lower() == b"retry-after":
            return _seconds(value.decode("latin-1").strip())
    return None


def _seconds(text: str) -> int | None:
    if _WHOLE_OR_BROKEN.fullmatch(text):
        wait = float(text)
    else:
        try:
            wait = (parsedate_to_datetime(text) - now()).total_seconds()
        except (ValueError, TypeError):  # no date, or one without a zone
            return None
    return max(0, min(ceil(wait), _LONGEST_RETRY))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _not_connected(error: httpcore.ConnectError) -> TargetAway:
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return TargetAway(Failure.TLS, f"{cause.verify_message}.")
    if isinstance(cause, ssl.SSLError):
        return TargetAway(Failure.TLS)
    return TargetAway(Failure.NOT_CONNECTED)
