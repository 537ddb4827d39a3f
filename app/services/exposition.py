"""What `/metrics` answers: what this process counted, and how the deployment stands.
Numbers without ids, names or texts of tenants, in Prometheus' text format."""

import hmac
from collections.abc import Iterator

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.core.db import AWAY, Database
from app.core.settings import Settings
from app.services import deployment
from app.services.deployment import Deployment

log = structlog.get_logger(__name__)

MEDIA_TYPE = CONTENT_TYPE_LATEST


# Each a field of the Deployment.
_GAUGES = (
    (
        "schedule_lag_seconds",
        "lag_seconds",
        "How long the oldest slot is due without being recorded.",
    ),
    ("executions_running", "running", "Executions that a worker began."),
    ("executions_held", "held", "Of these, those with a lease."),
    (
        "executions_stranded_seconds",
        "stranded_seconds",
        "How long executions have waited while no worker is at work.",
    ),
    ("outbox_pending", "outbox_pending", "Messages that are not done."),
    ("outbox_due", "outbox_due", "Of these, those whose time has come."),
    (
        "outbox_oldest_seconds",
        "outbox_seconds",
        "Age of the oldest of them, but for purges of later.",
    ),
    (
        "deliveries_oldest_seconds",
        "notices_seconds",
        "How long the oldest notice that may be sent has waited to be.",
    ),
    (
        "notices_set_aside",
        "notices_set_aside",
        "Notices that cannot be routed, and wait for an operator.",
    ),
    (
        "recipients_failing",
        "recipients_failing",
        "Channels and webhook endpoints that take nothing.",
    ),
    (
        "paused_seconds",
        "paused_seconds",
        "How long nothing is planned or begun, for the database was restored.",
    ),
    (
        "stripe_events_quarantined",
        "stripe_events_quarantined",
        "Events of Stripe that were not believed.",
    ),
    (
        "subscriptions_doubted",
        "subscriptions_doubted",
        "Subscriptions that stay as they were, for Stripe's word is not understood.",
    ),
)


def is_offered(settings: Settings) -> bool:
    """Outside development nobody finds it open by oversight."""
    return settings.is_local or settings.metrics_token is not None


def may_read(settings: Settings, authorization: str | None) -> bool:
    """Whether the header of a request bears the token, where one is asked for."""
    if settings.metrics_token is None:
        return is_offered(settings)
    wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
    return hmac.compare_digest((authorization or "").encode(), wanted.encode())


async def expose(database: Database, settings: Settings) -> bytes:
    """The answer. Where the database is away it holds no gauge of the deployment, and
    says so; a process without the system login never has them."""
    counted = generate_latest()
    if settings.database_system_url is None:
        return counted
    seen = CollectorRegistry()
    seen.register(_Seen(await _look(database)))
    return counted + generate_latest(seen)


async def _look(database: Database) -> Deployment | None:
    try:
        async with database.system_session("metrics") as session:
            return await deployment.look(session)
    except AWAY as error:
        log.warning("metrics.database_away", error=type(error).__name__)
        return None


class _Seen(Collector):
    def __init__(self, seen: Deployment | None) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "cloudrota_database_up",
            "Whether the database answered this scrape.",
            value=self._seen is not None,
        )
        if self._seen is not None:
            yield from _gauges(self._seen)
            yield from _queues(self._seen)


def _gauges(seen: Deployment) -> Iterator[Metric]:
    for name, field, said in _GAUGES:
        yield GaugeMetricFamily(f"cloudrota_{name}", said, value=getattr(seen, field))


def _queues(seen: Deployment) -> Iterator[Metric]:
    depth = GaugeMetricFamily(
        "cloudrota_executions_queued",
        "Executions that wait, also for an instant to come.",
        labels=["kind", "priority"],
    )
    for kind in seen.queue_lag_seconds:
        for priority in ("high", "normal", "low"):
            depth.add_metric([kind, priority], seen.queued.get((kind, priority), 0))
    yield depth
    lag = GaugeMetricFamily(
        "cloudrota_queue_lag_seconds",
        "How long the first execution that may start has waited for its turn.",
        labels=["kind"],
    )
    for kind, seconds in seen.queue_lag_seconds.items():
        lag.add_metric([kind], seconds)
    yield lag
