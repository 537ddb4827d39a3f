"""Passwords: long enough and not well known is all that is asked."""

import pytest

from app.services.decisions.password_rules import (
    MIN_LENGTH,
    MIN_LENGTH_WITH_MFA,
    needs_mfa,
    weakness,
)

EMAIL = "rita.berger@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "a walk along the river",
        "kzvqpwmxhtrn",
        "908172635409",
        "пароль из букв",
        "            x",
        "x" + "long " * 25,
    ],
)
def test_takes_any_composition(password: str) -> None:
    assert weakness(password, email=EMAIL) is None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "12 characters"),
        ("kzvqpwmxhtr", "12 characters"),
        ("password1234", "first passwords"),
        ("PassWord1234", "first passwords"),
        ("qwertyuiopas", "first passwords"),
        ("123456789012", "first passwords"),
        ("correct horse battery staple", "first passwords"),
        ("aaaaaaaaaaaa", "first passwords"),
        ("we use CloudRota here", "name of this product"),
        ("I am Rita.Berger, hello", "e-mail address"),
    ],
)
def test_says_why_it_refuses(password: str, reason: str) -> None:
    assert reason in (weakness(password, email=EMAIL) or "")


def test_a_short_local_part_forbids_nothing() -> None:
    assert weakness("an owl in the old oak", email="owl@example.com") is None


def test_the_list_holds_only_what_the_length_lets_through() -> None:
    from app.services.decisions import password_rules  # noqa: PLC0415 — its list

    common = password_rules._common_passwords()  # noqa: SLF001 — the data is the rule
    assert len(common) > 7000
    assert all(len(one) >= MIN_LENGTH_WITH_MFA and one == one.lower() for one in common)


def test_beside_a_second_factor_eight_characters_do() -> None:
    assert weakness("kzvqpwmx", email=EMAIL, with_mfa=True) is None
    refused = weakness("kzvqpwm", email=EMAIL, with_mfa=True)
    assert refused is not None
    assert "8 characters" in refused


@pytest.mark.parametrize(
    "password", ["password", "12345678", "QwertyUiop", "iloveyou1", "football"]
)
def test_the_well_known_short_ones_are_refused_there_too(password: str) -> None:
    refused = weakness(password, email=EMAIL, with_mfa=True)
    assert "first passwords" in (refused or "")


@pytest.mark.parametrize("password", ["x" * 11, "", "kzvqpwmx"])
def test_what_is_too_short_to_stand_alone_needs_a_second_factor(password: str) -> None:
    assert needs_mfa(password)


def test_what_may_stand_alone_needs_none() -> None:
    assert not needs_mfa("x" * MIN_LENGTH)
