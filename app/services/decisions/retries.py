"""What follows when an attempt ends badly: a lost worker, or an error that the user
wants tried again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple

Kind = Literal["read", "mutate"]

MOST_ATTEMPTS = 3


class Lost(NamedTuple):
    """`reason` is the code stored beside the status; `sentence` tells a person."""

    status: Literal["queued", "failed", "interrupted"]
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The default tries nothing again. `categories` are names of the six AWS errors;
    only these are tried again, `delay` after the failure."""

    retries: int = 0
    categories: frozenset[str] = frozenset()
    delay: timedelta = timedelta()


NO_RETRIES = RetryPolicy()


class Retry(NamedTuple):
    """`delay` is None where the failure stands."""

    delay: timedelta | None
    reason: str


def decide_lost(kind: Kind, *, attempt: int, effect_started: bool) -> Lost:
    """What becomes of a running execution whose lease ran out. `attempt` counts the
    leases that did not end with a retry, the lost one included; `effect_started` means
    that an AWS call that changes something may have been sent."""
    if kind == "mutate" and effect_started:
        return Lost(
            "interrupted",
            "worker_lost",
            "The worker was lost after the effect was started: its outcome is"
            " unknown and a person must resolve it.",
        )
    if attempt < MOST_ATTEMPTS:
        return Lost(
            "queued",
            "worker_lost",
            f"The worker was lost in attempt {attempt} of {MOST_ATTEMPTS}; it reruns.",
        )
    return Lost(
        "failed", "worker_lost", f"The worker was lost in all {attempt} attempts."
    )


def decide_retry(
    policy: RetryPolicy,
    *,
    categories: Collection[str],
    retry_no: int,
    kind: Kind,
    effect_started: bool,
) -> Retry:
    """Whether a failed execution is tried again. `categories` are those of all its
    errors, of which the policy must name each; `retry_no` counts the retries made so
    far. What may have changed something is never repeated."""
    if kind == "mutate" and effect_started:
        return Retry(None, "An effect was started, so it is not repeated.")
    if not categories:
        return Retry(None, "It failed without an error of AWS.")
    unnamed = sorted(set(categories) - policy.categories)
    if unnamed:
        return Retry(None, f"The retry policy does not name {', '.join(unnamed)}.")
    if retry_no >= policy.retries:
        return Retry(None, f"All {policy.retries} retries are used up.")
    named = ", ".join(sorted(set(categories)))
    return Retry(
        policy.delay, f"Retry {retry_no + 1} of {policy.retries} after {named}."
    )
