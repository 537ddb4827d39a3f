"""The forged tokens of `make attack`, to the one function that reads tokens."""

import time
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from app.core.errors import InvalidToken
from app.core.settings import Settings
from app.core.tokens import read_access_token
from tests.attack.forgeries import (
    HS256,
    disfigured,
    mac,
    signed_by_us,
    unsigned,
    with_guessed_keys,
    with_keys_of_ones_own,
)

URL = "http://127.0.0.1:8000"
KEY = "fedcba9876543210" * 4
NOW = int(time.time())
CLAIMS: dict[str, Any] = {
    "sub": str(uuid4()),
    "org": str(uuid4()),
    "sid": str(uuid4()),
    "iss": URL,
    "aud": "cloudrota-api",
    "iat": NOW,
    "exp": NOW + 12 * 3600,  # long after the last test of a run
}
GOOD = mac(KEY.encode(), HS256, CLAIMS)
FAMILIES: Mapping[str, Iterable[tuple[str, str]]] = {
    "unsigned": unsigned(CLAIMS),
    "guessed keys": with_guessed_keys(CLAIMS, base_url=URL),
    "keys of ones own": with_keys_of_ones_own(CLAIMS, lure=URL),
    "signed by us": signed_by_us(KEY.encode(), CLAIMS, now=NOW),
    "disfigured": disfigured(GOOD),
}


@pytest.fixture
def ours() -> Settings:
    return Settings(
        _env_file=None,
        environment="test",
        public_url=URL,
        secret_key=SecretStr(KEY),
        redis_url=SecretStr("redis://127.0.0.1:1"),
    )


def test_reads_the_token_that_the_forgeries_start_from(ours: Settings) -> None:
    assert str(read_access_token(ours, GOOD).user_id) == CLAIMS["sub"]


@pytest.mark.parametrize("family", FAMILIES)
def test_refuses_every_forgery(ours: Settings, family: str) -> None:
    tried, accepted = 0, []
    for name, token in FAMILIES[family]:
        tried += 1
        try:
            read_access_token(ours, token)
        except InvalidToken:
            continue
        accepted.append(name)
    assert accepted == []
    assert tried > 20
