"""CSV: what is read back is what was written, and nothing is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.csv_cells import cell, lines

WIDE = "\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n", *WIDE])
def test_what_would_begin_a_formula_gets_an_apostrophe(sign: str) -> None:
    assert cell(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", ["web-1", "a=b", " =1", "'quoted", "", "ünï"])
def test_other_texts_stay_as_they_are(value: str) -> None:
    assert cell(value) == value


def test_nothing_is_an_empty_cell_and_numbers_are_texts() -> None:
    assert [cell(None), cell(0), cell(-1)] == ["", "0", "'-1"]


@given(st.lists(st.lists(st.text(), min_size=1), min_size=1))
def test_a_reader_gets_back_each_cell(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(lines(rows), newline="")))
    assert read == [[cell(value) for value in row] for row in rows]
