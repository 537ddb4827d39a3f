"""Password hashes: argon2id as agreed, and the same work for nobody's password."""

import asyncio

import pytest

from app.core import passwords
from app.core.passwords import hash_password, verify_password

PARAMETERS = "$argon2id$v=19$m=47104,t=1,p=1$"


async def test_hashes_with_the_agreed_parameters() -> None:
    assert (await hash_password("a walk along the river")).startswith(PARAMETERS)


async def test_the_same_password_never_hashes_to_the_same() -> None:
    first, second = [await hash_password("a walk along the river") for _ in range(2)]
    assert first != second


@pytest.mark.parametrize(
    "password", ["a walk along the river", "пароль из двенадцати букв", "x" * 128, " "]
)
async def test_verifies_the_password_and_no_other(password: str) -> None:
    hashed = await hash_password(password)
    assert await verify_password(password, hashed)
    assert not await verify_password(password + " ", hashed)
    assert not await verify_password(password.swapcase() + "!", hashed)


async def test_nobody_has_a_password_not_even_the_decoy() -> None:
    assert not await verify_password("a walk along the river", None)
    assert not await verify_password("decoy", None)


def test_refusing_an_unknown_user_costs_what_a_known_one_costs() -> None:
    decoy = passwords._DECOY  # noqa: SLF001 — its cost is the rule
    assert decoy.startswith(PARAMETERS)


async def test_a_crowd_of_hashes_is_worked_off() -> None:
    hashes = await asyncio.gather(*(hash_password(f"password {n}") for n in range(6)))
    assert len(set(hashes)) == 6
