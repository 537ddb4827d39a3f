"""Codes of authenticator apps, as RFC 6238 says they are made."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlparse

import pytest

from app.core import totp
from app.core.secret import Secret

# Appendix B: seconds since the epoch and the code, of which apps show the last six.
VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]
OF_THE_RFC = Secret(base64.b32encode(b"12345678901234567890").decode())
STEP = 30


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_knows_the_codes_of_the_standard(seconds: int, code: str) -> None:
    assert totp.step_of(OF_THE_RFC, code[-6:], at(seconds)) == seconds // STEP


@pytest.mark.parametrize(("seconds", "code"), VECTORS[1:])
def test_a_code_is_taken_one_step_early_and_one_late_and_no_further(
    seconds: int, code: str
) -> None:
    step = seconds // STEP
    taken = {
        away: totp.step_of(OF_THE_RFC, code[-6:], at(seconds + away * STEP))
        for away in range(-3, 4)
    }
    near = {-1: step, 0: step, 1: step}
    assert taken == near | dict.fromkeys((-3, -2, 2, 3))


def test_only_six_digits_of_ascii_have_the_form_of_a_code() -> None:
    assert totp.is_code("000000")
    wrong = ("", "00000", "0000000", "00000a", "\uff10" * 6, "000000\n", "-00000")
    assert not any(map(totp.is_code, wrong))


def test_each_secret_is_another_and_has_160_bits() -> None:
    made = {totp.new_secret().reveal() for _ in range(50)}
    assert len(made) == 50
    assert all(len(base64.b32decode(one)) * 8 == 160 for one in made)


def test_the_uri_says_whose_it_is_and_injects_nothing() -> None:
    uri = urlparse(totp.uri_of(OF_THE_RFC, "rita&secret=x?#/%@example.com"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Cloudrota:rita&secret=x?#/%@example.com"
    assert parse_qs(uri.query) == {
        "secret": [OF_THE_RFC.reveal()],
        "issuer": ["Cloudrota"],
    }
