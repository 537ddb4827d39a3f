"""Envelopes open where they were sealed, and nowhere else."""

import base64
import secrets
from dataclasses import replace
from uuid import uuid4

import pytest
from pydantic import SecretStr

from app.core.crypto import (
    Envelope,
    Keyring,
    LocalKey,
    LocalKeys,
    Place,
    Undecryptable,
    decrypt,
    encrypt,
)
from app.core.secret import Secret
from app.core.settings import Settings

HERE = Place(str(uuid4()), str(uuid4()), 1, "ciphertext")
SECRET = Secret("canary/secret+access=key")


@pytest.fixture
def keys() -> LocalKeys:
    return LocalKeys({"one": secrets.token_bytes(32)}, "one")


def _flipped(value: bytes, at: int) -> bytes:
    changed = bytearray(value)
    changed[at] ^= 1
    return bytes(changed)


def test_opens_where_it_was_sealed(keys: LocalKeys) -> None:
    assert decrypt(keys, encrypt(keys, SECRET, HERE), HERE) == SECRET


def test_what_was_stored_long_ago_still_opens() -> None:
    """The form of an envelope is a promise: a nonce of 96 bits, then what is sealed
    with its tag of 128; bound to each part of the place with its length before it."""
    keys = LocalKeys({"one": bytes(range(32))}, "one")
    organization, row = (f"018f0000-0000-7000-8000-00000000000{n}" for n in (1, 2))
    wrapped = bytes.fromhex(
        "27c6a4e98649a3fc7a047cc6b93e25d37e8944623f3d08c4b5138f6de5b713a2"
        "5ee0a08b40c16611da4ff3d519566a942494b0fbd8788058a31d8d73"
    )
    ciphertext = bytes.fromhex(
        "3ce909c60a5d49f50e5f90169a204f04e44be8380c993a9817a260b7000ec8db"
        "73d2f3ae76d64f3edcf077"
    )
    place = Place(organization, row, 3, "ciphertext")
    stored = Envelope("one", wrapped, ciphertext)
    assert decrypt(keys, stored, place) == Secret("stored long ago")
    again = encrypt(keys, Secret("stored long ago"), place)
    assert len(again.ciphertext) == 12 + len("stored long ago") + 16
    assert len(again.wrapped_key) == 12 + 32 + 16


def test_stores_nothing_readable(keys: LocalKeys) -> None:
    envelope = encrypt(keys, SECRET, HERE)
    assert b"canary" not in envelope.ciphertext + envelope.wrapped_key


def test_every_value_has_a_key_of_its_own(keys: LocalKeys) -> None:
    first, second = (encrypt(keys, SECRET, HERE) for _ in range(2))
    assert first.ciphertext != second.ciphertext
    crossed = replace(first, wrapped_key=second.wrapped_key)
    with pytest.raises(Undecryptable):
        decrypt(keys, crossed, HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, organization_id=str(uuid4())),
        replace(HERE, row_id=str(uuid4())),
        replace(HERE, version=2),
        replace(HERE, column="other"),
        replace(HERE, organization_id=HERE.row_id, row_id=HERE.organization_id),
        replace(HERE, version=11, column=HERE.column),
        replace(HERE, row_id=HERE.row_id + "1", version=1),
    ],
)
def test_a_value_moved_elsewhere_does_not_open(
    keys: LocalKeys, elsewhere: Place
) -> None:
    with pytest.raises(Undecryptable):
        decrypt(keys, encrypt(keys, SECRET, HERE), elsewhere)


@pytest.mark.parametrize("moved", ["wrapped key", "ciphertext"])
def test_both_halves_are_bound_to_their_place(keys: LocalKeys, moved: str) -> None:
    """Re-wrapping the data key for another row does not take the value along."""
    there = replace(HERE, row_id=str(uuid4()))
    envelope = encrypt(keys, SECRET, HERE)
    made_there = encrypt(keys, SECRET, there)
    crossed = {
        "wrapped key": replace(envelope, wrapped_key=made_there.wrapped_key),
        "ciphertext": replace(made_there, ciphertext=envelope.ciphertext),
    }[moved]
    for place in (HERE, there):
        with pytest.raises(Undecryptable):
            decrypt(keys, crossed, place)


class Obliging(LocalKey):
    """Unwraps wherever it is asked."""

    def unwrap(self, wrapped: bytes, _: Place) -> bytes:
        return super().unwrap(wrapped, HERE)


def test_the_value_itself_is_bound_to_its_place() -> None:
    """Whoever gets the data key unwrapped elsewhere takes nothing along."""
    keys = Keyring({"one": Obliging("one", secrets.token_bytes(32))}, "one")
    envelope = encrypt(keys, SECRET, HERE)
    assert decrypt(keys, envelope, HERE) == SECRET
    with pytest.raises(Undecryptable, match="value"):
        decrypt(keys, envelope, replace(HERE, row_id=str(uuid4())))


@pytest.mark.parametrize("at", [0, 11, 12, -1])
def test_one_changed_bit_is_noticed(keys: LocalKeys, at: int) -> None:
    envelope = encrypt(keys, SECRET, HERE)
    for altered in (
        replace(envelope, ciphertext=_flipped(envelope.ciphertext, at)),
        replace(envelope, wrapped_key=_flipped(envelope.wrapped_key, at)),
    ):
        with pytest.raises(Undecryptable):
            decrypt(keys, altered, HERE)


@pytest.mark.parametrize("length", [0, 5, 12, 27])
def test_a_cut_value_does_not_open(keys: LocalKeys, length: int) -> None:
    envelope = encrypt(keys, SECRET, HERE)
    with pytest.raises(Undecryptable):
        decrypt(keys, replace(envelope, ciphertext=envelope.ciphertext[:length]), HERE)


def test_another_key_of_the_same_name_does_not_open(keys: LocalKeys) -> None:
    other = LocalKeys({"one": secrets.token_bytes(32)}, "one")
    with pytest.raises(Undecryptable):
        decrypt(other, encrypt(keys, SECRET, HERE), HERE)


def test_an_unknown_key_is_named() -> None:
    keys = LocalKeys({"one": secrets.token_bytes(32)}, "one")
    envelope = replace(encrypt(keys, SECRET, HERE), key_id="lost")
    with pytest.raises(Undecryptable, match="'lost'"):
        decrypt(keys, envelope, HERE)


def test_the_key_s_name_is_part_of_what_is_bound() -> None:
    key = secrets.token_bytes(32)
    keys = LocalKeys({"one": key, "alias": key}, "one")
    with pytest.raises(Undecryptable):
        decrypt(keys, replace(encrypt(keys, SECRET, HERE), key_id="alias"), HERE)


def test_an_old_value_opens_after_the_active_key_changed() -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    envelope = encrypt(LocalKeys({"one": old}, "one"), SECRET, HERE)
    rotated = LocalKeys({"one": old, "two": new}, "two")
    assert decrypt(rotated, envelope, HERE) == SECRET
    assert encrypt(rotated, SECRET, HERE).key_id == "two"


def test_the_failure_shows_no_secret(keys: LocalKeys) -> None:
    envelope: Envelope = encrypt(keys, SECRET, HERE)
    with pytest.raises(Undecryptable) as failure:
        decrypt(keys, envelope, replace(HERE, version=9))
    assert "canary" not in f"{failure.value!r} {failure.value}"


def test_the_active_key_is_one_of_the_keys(keys: LocalKeys) -> None:
    assert set(keys.key_ids) == {"one"}
    with pytest.raises(ValueError, match="'two' is not here"):
        LocalKeys({"one": secrets.token_bytes(32)}, "two")


def test_a_data_key_is_not_shown(keys: LocalKeys) -> None:
    made = keys.new_data_key(HERE)
    assert repr(made.plain) not in repr(made)
    assert "plain" not in repr(made)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        LocalKeys({"one": b"k" * length}, "one")


def test_keys_come_from_the_settings() -> None:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    configured = Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr("0123456789abcdef" * 4),
        redis_url=SecretStr("redis://127.0.0.1:1"),
        credential_keys={"one": SecretStr(key)},
        credential_active_key="one",
    )
    keys = LocalKeys.from_settings(configured)
    assert keys.active_key_id == "one"
    assert key not in repr(configured)
    spoiled = {"one": SecretStr(f"!{key}")}
    with pytest.raises(ValueError, match="base64"):
        LocalKeys.from_settings(
            configured.model_copy(update={"credential_keys": spoiled})
        )
    unset = configured.model_copy(update={"credential_active_key": None})
    with pytest.raises(ValueError, match="CREDENTIAL_ACTIVE_KEY"):
        LocalKeys.from_settings(unset)
