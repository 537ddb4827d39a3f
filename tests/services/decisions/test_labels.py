"""Label selectors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.labels import matches

LABELS = {"stage": "prod", "team": "web"}


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({"stage": "prod"}, True),
        ({"stage": ["dev", "prod"]}, True),
        ({"stage": "prod", "team": ["web"]}, True),
        ({"stage": "prod", "team": "data"}, False),
        ({"stage": "pro"}, False),  # the whole value, not a part of it
        ({"stage": ["dev"]}, False),
        ({"stage": []}, False),
        ({"region": "prod"}, False),
        ({}, False),
    ],
)
def test_a_selector_selects(
    selector: dict[str, str | list[str]], *, selected: bool
) -> None:
    assert matches(selector, LABELS) == selected


SELECTORS = st.dictionaries(
    st.sampled_from("abc"), st.lists(st.sampled_from("xyz")), min_size=1
)


@given(SELECTORS, st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")))
def test_a_further_label_never_selects_more(
    selector: dict[str, list[str]], labels: dict[str, str]
) -> None:
    if matches({**selector, "d": ["x"]}, {**labels, "d": "x"}):
        assert matches(selector, labels)
