"""What is read from a URL that may be asked."""

import pytest

from app.integrations.outbound_target import PORTS, target_of


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://a.example", "a.example", 443, "/", "a.example"),
        ("https://A.Example.:443/x", "a.example", 443, "/x", "a.example"),
        ("https://a.example:8443?q=1", "a.example", 8443, "/?q=1", "a.example:8443"),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, "/", None),
        ("https://[2606:4700::1111]/", "2606:4700::1111", 443, "/", None),
        ("https://8.8.8.8/%20'(x);y,z~", "8.8.8.8", 443, "/%20'(x);y,z~", "8.8.8.8"),
    ],
)
def test_reads_a_url(
    url: str, host: str, port: int, path: str, authority: str | None
) -> None:
    target = target_of(url)
    assert (target.host, target.port, target.path) == (host, port, path)
    assert authority in {None, target.authority}


def test_an_ipv6_address_has_brackets_in_the_host_header() -> None:
    assert target_of("https://[2606:4700::1111]/").authority == "[2606:4700::1111]"


def test_only_ports_of_webhooks_are_asked() -> None:
    assert {443, 8443} == PORTS
