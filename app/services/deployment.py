"""How the whole deployment stands, asked from Postgres across tenants: numbers only.
Each question is answered by a partial index of what is not finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_DUE = text("""
SELECT app_now() AS now, (
  SELECT next_run_at FROM tasks WHERE enabled AND next_run_at IS NOT NULL
  ORDER BY next_run_at LIMIT 1) AS next_run_at
""")

_DEPTH = text("""
SELECT kind, priority, count(*) AS waiting FROM task_executions
WHERE status = 'queued' GROUP BY kind, priority
""")

# The head of each lane of each tenant, skipping from one tenant to the next: what waits
# behind it is not read.
_OLDEST = text("""
WITH RECURSIVE tenants (kind, organization_id) AS (
  SELECT k.kind, (
    SELECT e.organization_id FROM task_executions e
    WHERE e.status = 'queued' AND e.kind = k.kind
    ORDER BY e.organization_id LIMIT 1)
  FROM (VALUES ('read'), ('mutate')) AS k (kind)
  UNION ALL
  SELECT t.kind, (
    SELECT e.organization_id FROM task_executions e
    WHERE e.status = 'queued' AND e.kind = t.kind
      AND e.organization_id > t.organization_id
    ORDER BY e.organization_id LIMIT 1)
  FROM tenants t WHERE t.organization_id IS NOT NULL
)
SELECT t.kind, min(head.due_at) AS due_at
FROM tenants t
CROSS JOIN (VALUES ('high'), ('normal'), ('low')) AS p (priority)
CROSS JOIN LATERAL (
  SELECT coalesce(e.not_before, e.created_at) AS due_at FROM task_executions e
  WHERE e.status = 'queued' AND e.kind = t.kind
    AND e.organization_id = t.organization_id AND e.priority = p.priority
    AND coalesce(e.not_before, e.created_at) <= app_now()
  ORDER BY coalesce(e.not_before, e.created_at) LIMIT 1) AS head
GROUP BY t.kind
""")

_RUNNING = text("""
SELECT count(*) AS running,
  count(*) FILTER (WHERE lease_until >= app_now()) AS held
FROM task_executions WHERE status = 'running'
""")

# Messages about purges, and about what is looked through or probed now and then, were
# posted for later, and wait on purpose.
_OUTBOX = text("""
SELECT count(*) AS pending,
  count(*) FILTER (WHERE available_at <= app_now()) AS due,
  min(CASE WHEN attempts = 0 THEN available_at ELSE created_at END)
    FILTER (WHERE kind NOT LIKE '%.purge'
    AND kind NOT IN ('credentials.review', 'credentials.probe')) AS oldest
FROM outbox WHERE status = 'pending'
""")

# Who is left alone for a while is due when that ends.
_RECIPIENTS = text("""
SELECT least(min(due_at),
    (SELECT min(at) FROM notices
      WHERE routed_at IS NULL AND set_aside_at IS NULL)) AS due_at,
  (SELECT count(*) FROM notices WHERE set_aside_at IS NOT NULL) AS set_aside,
  count(*) FILTER (WHERE failing_since IS NOT NULL) AS failing
FROM (
  SELECT due_at, failing_since FROM notification_channels
  WHERE due_at IS NOT NULL OR failing_since IS NOT NULL
  UNION ALL
  SELECT due_at, failing_since FROM webhook_endpoints
  WHERE due_at IS NOT NULL OR failing_since IS NOT NULL) AS recipients
""")

_PAUSED = text("SELECT noticed_at FROM restores WHERE resumed_at IS NULL")

_STRIPE = text("""
SELECT (
    SELECT count(*) FROM stripe_events WHERE outcome = 'quarantined') AS quarantined,
  (SELECT count(*) FROM subscriptions WHERE sync_doubt IS NOT NULL) AS doubted
""")


@dataclass(frozen=True, slots=True)
class Deployment:
    """As of `now`, the database's. `queued` counts executions by kind and priority.
    `oldest_due` is the slot that is due longest and was not recorded yet, `waiting` by
    kind since when the first execution that may start waits. `held` of the `running`
    have a worker that said so within its lease. `notices_due` is since when the first
    notice waits to be routed or may be sent, `notices_set_aside` those that could not
    be routed, `recipients_failing` who takes nothing. What Stripe said and was not
    believed: `stripe_events_quarantined`, and `subscriptions_doubted`, which stay as
    they were. `paused_since` is when a restore was noticed that is not resumed yet."""

    now: datetime
    oldest_due: datetime | None
    queued: Mapping[tuple[str, str], int]
    waiting: Mapping[str, datetime]
    running: int
    held: int
    outbox_pending: int
    outbox_due: int
    outbox_oldest: datetime | None
    notices_due: datetime | None
    notices_set_aside: int
    recipients_failing: int
    stripe_events_quarantined: int
    subscriptions_doubted: int
    paused_since: datetime | None

    @property
    def lag_seconds(self) -> float:
        """How late the beat is: 0 where no slot is overdue."""
        return self._since(self.oldest_due)

    @property
    def queue_lag_seconds(self) -> Mapping[str, float]:
        """By kind, how long the first that may start has waited for its turn."""
        return {
            kind: self._since(self.waiting.get(kind)) for kind in ("read", "mutate")
        }

    @property
    def outbox_seconds(self) -> float:
        """The age of the oldest message that is not done, but for those of later."""
        return self._since(self.outbox_oldest)

    @property
    def notices_seconds(self) -> float:
        """How late the sending of notices is, but to who is left alone."""
        return self._since(self.notices_due)

    @property
    def paused_seconds(self) -> float:
        """For how long nothing has been planned or begun, for it was restored."""
        return self._since(self.paused_since)

    @property
    def stranded_seconds(self) -> float:
        """For how long executions have waited while no worker holds any: 0 where one
        does, or nothing waits. Who waits behind its own cap is not stranded."""
        if self.held:
            return 0.0
        return max(self.queue_lag_seconds.values())

    def _since(self, instant: datetime | None) -> float:
        if instant is None or instant > self.now:
            return 0.0
        return (self.now - instant).total_seconds()


async def look(session: AsyncSession) -> Deployment:
    """`session` is a system session."""
    due = (await session.execute(_DUE)).one()
    depth = await session.execute(_DEPTH)
    waiting = await session.execute(_OLDEST)
    running = (await session.execute(_RUNNING)).one()
    outbox = (await session.execute(_OUTBOX)).one()
    recipients = (await session.execute(_RECIPIENTS)).one()
    stripe = (await session.execute(_STRIPE)).one()
    paused_since = await session.scalar(_PAUSED)
    return Deployment(
        now=due.now,
        oldest_due=due.next_run_at,
        queued={(row.kind, row.priority): row.waiting for row in depth},
        waiting={row.kind: row.due_at for row in waiting},
        running=running.running,
        held=running.held,
        outbox_pending=outbox.pending,
        outbox_due=outbox.due,
        outbox_oldest=outbox.oldest,
        notices_due=recipients.due_at,
        notices_set_aside=recipients.set_aside,
        recipients_failing=recipients.failing,
        stripe_events_quarantined=stripe.quarantined,
        subscriptions_doubted=stripe.doubted,
        paused_since=paused_since,
    )
