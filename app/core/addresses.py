"""Addresses of clients: whose they are when proxies stand in between, and what of them
belongs to one household or company."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
_OF_ONE_CLIENT = 64  # bits of an IPv6 address; the rest is the client's own choice


def client_address(
    peer: str | None, forwarded_for: Sequence[str], *, trusted_proxies: int
) -> str | None:
    """Who asked, given the peer of the connection and the `X-Forwarded-For` headers.

    Each proxy appends whom it was asked by. Of what the client wrote itself nothing is
    believed: only the last `trusted_proxies` entries are ours. A request that did not
    come through all of them is its peer's.
    """
    if not trusted_proxies:
        return peer
    entries = [entry.strip() for line in forwarded_for for entry in line.split(",")]
    if len(entries) < trusted_proxies:
        return peer
    address = entries[-trusted_proxies]
    return peer if network_of(address) == UNKNOWN else address


def network_of(address: str | None) -> str:
    """The address, or of an IPv6 one the network of which one client has all."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), _OF_ONE_CLIENT), strict=False))
