"""Lost workers and retries: reading may be repeated, effects never are."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.decisions.retries import (
    NO_RETRIES,
    Kind,
    RetryPolicy,
    decide_lost,
    decide_retry,
)

LIMIT = "AWSServiceLimitError"
DENIED = "AWSPermissionError"
TWICE = RetryPolicy(2, frozenset({LIMIT}), timedelta(seconds=30))
KINDS = st.sampled_from(["read", "mutate"])


@pytest.mark.parametrize(
    ("kind", "attempt", "effect_started", "status"),
    [
        ("read", 1, False, "queued"),
        ("read", 2, False, "queued"),
        ("read", 3, False, "failed"),
        ("read", 4, False, "failed"),
        ("mutate", 1, False, "queued"),
        ("mutate", 3, False, "failed"),
        ("mutate", 1, True, "interrupted"),
        ("mutate", 9, True, "interrupted"),
    ],
)
def test_a_lost_execution_goes_where_the_protocol_says(
    kind: Kind, attempt: int, *, effect_started: bool, status: str
) -> None:
    lost = decide_lost(kind, attempt=attempt, effect_started=effect_started)
    assert (lost.status, lost.reason) == (status, "worker_lost")


@given(KINDS, st.sampled_from([LIMIT, DENIED]), st.integers(0, 9))
def test_nothing_is_retried_by_default(
    kind: Kind, category: str, retry_no: int
) -> None:
    retry = decide_retry(
        NO_RETRIES,
        categories=[category],
        retry_no=retry_no,
        kind=kind,
        effect_started=False,
    )
    assert retry.delay is None


@pytest.mark.parametrize(
    ("categories", "retry_no", "delay", "reason"),
    [
        ([LIMIT], 0, 30, f"Retry 1 of 2 after {LIMIT}."),
        ([LIMIT, LIMIT], 1, 30, f"Retry 2 of 2 after {LIMIT}."),
        ([LIMIT], 2, None, "All 2 retries are used up."),
        ([DENIED], 0, None, f"The retry policy does not name {DENIED}."),
        ([LIMIT, DENIED], 0, None, f"The retry policy does not name {DENIED}."),
        ([], 0, None, "It failed without an error of AWS."),
    ],
)
def test_only_named_categories_are_retried_and_only_so_often(
    categories: list[str], retry_no: int, delay: int | None, reason: str
) -> None:
    retry = decide_retry(
        TWICE,
        categories=categories,
        retry_no=retry_no,
        kind="read",
        effect_started=False,
    )
    assert retry.delay == (None if delay is None else timedelta(seconds=delay))
    assert retry.reason == reason


@given(st.integers(0, 1))
def test_an_effect_that_was_started_is_never_repeated(retry_no: int) -> None:
    retry = decide_retry(
        TWICE,
        categories=[LIMIT],
        retry_no=retry_no,
        kind="mutate",
        effect_started=True,
    )
    assert retry.delay is None
    lost = decide_lost("mutate", attempt=1, effect_started=True)
    assert lost.status == "interrupted"
