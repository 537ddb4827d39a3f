"""A name server on loopback whose answers may change from one question to the next."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.asyncresolver import Resolver

from app.core.embedded.process import LOOPBACK
from app.integrations.outbound import Resolve, resolving

Answers = Sequence[str] | Callable[[], Sequence[str]]


class Names(asyncio.DatagramProtocol):
    """Answers A and AAAA over UDP. Addresses may be a function, asked each time."""

    def __init__(
        self, addresses: Mapping[str, Answers], aliases: Mapping[str, str]
    ) -> None:
        self.addresses = dict(addresses)
        self.asked: Counter[tuple[str, str]] = Counter()
        self.port = 0
        self._aliases = aliases

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        self._transport.sendto(self._answer(query).to_wire(), addr)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA | dns.flags.AA
        question = query.question[0]
        name, kind = question.name.to_text().rstrip("."), question.rdtype
        self.asked[name, dns.rdatatype.to_text(kind)] += 1
        while name in self._aliases:
            target = self._aliases[name]
            answer.answer.append(
                dns.rrset.from_text(f"{name}.", 0, "IN", "CNAME", f"{target}.")
            )
            name = target
        known = self.addresses.get(name)
        if known is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
            return answer
        is_v6 = kind == dns.rdatatype.AAAA
        found = [one for one in _now(known) if (":" in one) == is_v6]
        if found:
            answer.answer.append(
                dns.rrset.from_text_list(f"{name}.", 0, "IN", kind, found)
            )
        return answer

    def resolver(self) -> Resolver:
        made = Resolver(configure=False)
        made.port = self.port  # which is bound to the servers as they are named
        made.nameservers = [LOOPBACK]
        made.lifetime = 2
        return made


def _now(answers: Answers) -> Sequence[str]:
    return answers() if callable(answers) else answers


@asynccontextmanager
async def name_server(
    addresses: Mapping[str, Answers], aliases: Mapping[str, str] | None = None
) -> AsyncIterator[Names]:
    transport, names = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Names(addresses, aliases or {}), local_addr=(LOOPBACK, 0)
    )
    try:
        yield names
    finally:
        transport.close()


def like_the_c_library(names: Names) -> Resolve:
    """Reads numbers as `getaddrinfo` does, in every base and length, and asks the name
    server for the rest: what a transport must expect of any resolver."""
    ask = resolving(names.resolver)

    async def resolve(host: str) -> Sequence[str]:
        try:
            found = socket.getaddrinfo(
                host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
            )
        except socket.gaierror:
            return await ask(host)
        return [str(address[0]) for *_, address in found]

    return resolve
