"""What each process counts for `/metrics`: numbers of the whole deployment, never ids
or texts of a tenant. What happens in a transaction counts once that is committed."""

from typing import Any

from prometheus_client import Counter, Histogram
from sqlalchemy.ext.asyncio import AsyncSession

_KEY = "measures"

CLAIMS = Counter(
    "cloudrota_claims", "Executions that a worker of this process claimed.", ["kind"]
)
REAPED = Counter(
    "cloudrota_reaped",
    "Leases that ran out, by what became of their executions.",
    ["status"],
)
DISPATCHED = Counter(
    "cloudrota_executions_dispatched", "Executions that slots were turned into."
)
SLOTS_SKIPPED = Counter(
    "cloudrota_slots_skipped",
    "Slots, and turns in a chain, recorded as not run.",
    ["reason"],
)
GAPS = Counter(
    "cloudrota_gaps", "Records that stand for several missed slots.", ["reason"]
)
HINTS_NOT_SENT = Counter(
    "cloudrota_hints_not_sent", "Hints that Redis did not take; they are repeated."
)
FINISHED = Counter(
    "cloudrota_executions_finished", "Executions that ended.", ["status"]
)
RETRIED = Counter(
    "cloudrota_executions_retried", "Failures that a task's policy has tried again."
)
AWS_CALLS = Counter("cloudrota_aws_calls", "Calls to AWS for tenants.")
AWS_RETRIES = Counter("cloudrota_aws_retries", "Requests beyond the first of a call.")
AWS_THROTTLED = Counter("cloudrota_aws_throttled", "Answers of AWS: too fast.")
PURGED = Counter(
    "cloudrota_purged_rows", "Rows deleted because their time was over.", ["kind"]
)
DELIVERIES = Counter(
    "cloudrota_deliveries",
    "Notices that came to their end, one for each recipient.",
    ["outcome"],
)
USAGE_WARNINGS = Counter(
    "cloudrota_usage_warnings",
    "Organizations that came to so many percent of a limit of their plan.",
    ["metric", "threshold"],
)
PINGS = Counter(
    "cloudrota_heartbeat_pings", "Pings to the heartbeat's address.", ["outcome"]
)
THROTTLED = Counter(
    "cloudrota_throttled",
    "Tries to sign in and the like, refused: too many.",
    ["act"],
)
LIMITER_AWAY = Counter(
    "cloudrota_limiter_away", "Times that Redis could not be asked for a limit."
)
RATE_LIMITED = Counter(
    "cloudrota_rate_limited", "Requests refused because their asker asks too often."
)
NOT_LIMITED = Counter(
    "cloudrota_not_limited", "Requests let through uncounted: Redis was away."
)
OUTBOX_DEAD = Counter(
    "cloudrota_outbox_dead", "Messages given up after their last try.", ["kind"]
)
SPANS = Counter(
    "cloudrota_spans", "Spans of traces, by what became of them.", ["outcome"]
)
REQUESTS = Counter(
    "cloudrota_http_requests", "Requests answered.", ["method", "route", "status"]
)
REQUEST_SECONDS = Histogram(
    "cloudrota_http_request_seconds",
    "Time to the end of an answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def count(
    session: AsyncSession, counter: Counter, amount: int = 1, **labels: str
) -> None:
    """Add `amount` to the counter once the session's transaction is committed."""
    session.info.setdefault(_KEY, []).append((counter, labels, amount))


def count_calls(
    session: AsyncSession, calls: int, retries: int, throttled: int
) -> None:
    """The same of what a unit asked of AWS."""
    count(session, AWS_CALLS, calls)
    count(session, AWS_RETRIES, retries)
    count(session, AWS_THROTTLED, throttled)


def settle(session: AsyncSession) -> None:
    """The transaction was committed: what was counted in it has happened."""
    noted: list[Any] = session.info.pop(_KEY, [])
    for counter, labels, amount in noted:
        (counter.labels(**labels) if labels else counter).inc(amount)
