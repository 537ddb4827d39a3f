"""What comes from outside becomes one visible line that does nothing."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.integrations.channels.texts import cut, escaped, inert
from tests.hostile.corpus import TEXTS

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_inert(text: str, most: int) -> None:
    assert len(text) <= most
    assert not {unicodedata.category(one) for one in text} & HIDDEN
    assert not re.search(r"\w://|mailto:|\bwww\.", text, re.IGNORECASE)
    assert text == " ".join(text.split())


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("most", [1, 20, 300])
def test_a_hostile_text_is_one_inert_line(name: str, most: int) -> None:
    assert_inert(inert(TEXTS[name], most), most)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=400), st.integers(1, 500))
def test_every_text_is_one_inert_line(text: str, most: int) -> None:
    assert_inert(inert(text, most), most)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("Nightly listing", "Nightly listing"),
        ("Grüße, naïve 東京 🙂", "Grüße, naïve 東京 🙂"),
        ("arn:aws:ec2:eu-west-1:123456789012:instance/i-1", None),
        ("a\r\nb\tc", "a b c"),
        ("https://a.example/x", "https[:]//a.example/x"),
        ("www.a.example", "www[.]a.example"),
        ("mailto:a@b.example", "mailto[:]a@b.example"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("e\u0301" + "\u0335" * 9, "e\u0301\u0335\u0335"),
    ],
    ids=ascii,
)
def test_an_ordinary_text_stays_as_it_is(given_text: str, shown: str | None) -> None:
    assert inert(given_text, 100) == (given_text if shown is None else shown)


def test_what_is_cut_shows() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdefg", 6) == "abcde…"
    assert cut("abcd fgh", 6) == "abcd…"


def test_an_escape_is_never_cut_in_two() -> None:
    signs = {"&": "&amp;"}
    assert escaped("a&b", 7, signs) == "a&amp;b"
    assert escaped("a&b", 6, signs) == "a…"
    assert escaped("ab&", 6, signs) == "ab…"
    for most in range(1, 40):
        text = escaped("&" * 20, most, signs)
        assert len(text) <= most
        assert re.fullmatch(r"(?:&amp;)*…?", text)
