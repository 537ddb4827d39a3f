"""The fake of Stripe for tests (a pytest plugin): one server a process, fresh for each
test."""

from collections.abc import Iterator

import pytest

from tests.fakestripe.server import Backstage, fake_stripe


@pytest.fixture(scope="session")
def stripe_server() -> Iterator[Backstage]:
    with fake_stripe() as backstage:
        yield backstage


@pytest.fixture
def backstage(stripe_server: Backstage) -> Backstage:
    """The hand on a Stripe account that has nothing in it; `.url` and `.key` are what
    the library needs."""
    stripe_server.reset()
    return stripe_server
