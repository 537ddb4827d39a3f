"""Which addresses may be asked on a user's behalf: those of the public internet, told
from the resolved address alone, whatever the text was that led to it."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# `is_global` alone lets some of these through.
_NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a cloud's metadata
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # a cloud's agent, which answers on a public address
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "2001::/23",  # Teredo, which holds an IPv4 address, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
)
# Outside of it: IPv4-mapped and -compatible, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48),
# unique local (fd00:ec2::254 is AWS's metadata), link-local, multicast.
_UNICAST = ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Whether `address` is one that anybody on the internet could ask. What is not an
    address is not."""
    try:
        found = ip_address(address)
    except ValueError:  # also one with a zone that is no number
        return False
    if isinstance(found, IPv6Address) and (
        found.scope_id is not None or found not in _UNICAST
    ):
        return False
    return found.is_global and not _is_excepted(found)


def _is_excepted(address: IPv4Address | IPv6Address) -> bool:
    return any(
        address in network
        for network in _NOT_PUBLIC
        if network.version == address.version
    )
