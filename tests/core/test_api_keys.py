"""API keys as text: what is one, and that none is like another."""

import re
import zlib

from hypothesis import given
from hypothesis import strategies as st

from app.core.api_keys import is_of, make, prefix_of
from app.core.tokens import hash_token

# As another program would compute it, from docs/api-keys.md.
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_has_the_form_that_is_documented() -> None:
    new = make()
    assert re.fullmatch(r"cr_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}", new.text)
    number = 0
    for letter in new.text[-6:]:
        number = number * 62 + LETTERS.index(letter)
    assert number == zlib.crc32(new.text[:-6].encode())
    assert prefix_of(new.text) == new.prefix == new.text[:20]


def test_none_is_like_another() -> None:
    made = [make() for _ in range(2000)]
    for part in ("text", "prefix"):
        assert len({getattr(one, part) for one in made}) == 2000
    secrets = {one.text[21:-6] for one in made}
    assert len(secrets) == 2000
    assert {len(one) for one in secrets} == {43}, "256 bits"
    # Each place of each takes every letter.
    assert all(len({one[place] for one in secrets}) == 62 for place in range(43))


@given(st.integers(0, 69), st.sampled_from(LETTERS + "_-é \n"))
def test_one_wrong_letter_is_noticed(place: int, letter: str) -> None:
    text = make().text
    wrong = text[:place] + letter + text[place + 1 :]
    assert (prefix_of(wrong) is None) == (wrong != text)


@given(st.text())
def test_no_other_text_is_one(text: str) -> None:
    assert prefix_of(text) is None
    assert prefix_of(f"cr_live_{text}") is None


@given(st.text(LETTERS + "_", max_size=80))
def test_a_right_checksum_makes_no_key_of_another_text(text: str) -> None:
    letters, number = "", zlib.crc32(text.encode())
    for _ in range(6):
        number, rest = divmod(number, 62)
        letters = LETTERS[rest] + letters
    assert prefix_of(text + letters) is None


def test_does_not_show_itself() -> None:
    new = make()
    assert new.text not in repr(new)


def test_is_known_by_its_hash_alone() -> None:
    one, other = make(), make()
    assert is_of(one.text, hash_token(one.text))
    assert not is_of(other.text, hash_token(one.text))
    assert not is_of(one.text, b"")
