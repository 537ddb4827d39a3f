"""How guessing the codes of a second factor is slowed."""

import pytest

from app.services.decisions.code_tries import pause_after


@pytest.mark.parametrize(
    ("wrong_codes", "minutes"),
    [(0, 0), (1, 0), (4, 0), (5, 5), (6, 10), (7, 20), (8, 40), (9, 60), (10, 60)],
)
def test_the_pause_doubles_from_the_fifth_wrong_code_up_to_an_hour(
    wrong_codes: int, minutes: int
) -> None:
    assert pause_after(wrong_codes).total_seconds() == minutes * 60


def test_however_many_there_were_the_pause_can_be_counted() -> None:
    assert pause_after(2**31 - 1).total_seconds() == 3600
