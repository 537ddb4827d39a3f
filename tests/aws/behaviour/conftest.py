"""An AWS that behaves: moto, on loopback, empty for each test."""

from collections.abc import Iterator

import pytest

from tests.aws.behaviour.account import Account
from tests.aws.behaviour.server import Moto


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    with Moto() as server:
        yield server


@pytest.fixture
def account(moto: Moto) -> Account:
    """One customer's account, with nothing in it."""
    moto.forget()
    return Account(moto.url)
