"""Whose a request is: what proxies of ours say, and nothing that a client says."""

import pytest

from app.core.addresses import UNKNOWN, client_address, network_of

PEER = "10.0.0.9"


@pytest.mark.parametrize(
    ("trusted", "headers", "address"),
    [
        (0, [], PEER),
        (0, ["203.0.113.7"], PEER),
        (1, ["203.0.113.7"], "203.0.113.7"),
        # What stands further left was sent along by the client.
        (1, ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (1, ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (2, ["198.51.100.1, 203.0.113.7, 10.0.0.8"], "203.0.113.7"),
        (1, ["2001:db8::7"], "2001:db8::7"),
        # It came past our proxies, or they said nothing that is an address.
        (1, [], PEER),
        (2, ["203.0.113.7"], PEER),
        (1, ["203.0.113.7, unknown"], PEER),
        (1, [""], PEER),
        (1, ["203.0.113.7,"], PEER),
        (1, ["203.0.113.7\x00"], PEER),
    ],
)
def test_believes_only_what_a_trusted_proxy_appended(
    trusted: int, headers: list[str], address: str
) -> None:
    assert client_address(PEER, headers, trusted_proxies=trusted) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", UNKNOWN),
        (None, UNKNOWN),
        ("a host", UNKNOWN),
    ],
)
def test_all_addresses_of_one_client_are_one(address: str | None, network: str) -> None:
    assert network_of(address) == network
