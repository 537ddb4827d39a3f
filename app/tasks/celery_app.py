"""The Celery application: two jobs, each a hint to look at one row. Postgres does what
Celery is not asked for: results, retries, schedules, time limits."""

from typing import Any
from uuid import UUID

from celery import Celery, bootsteps, signals
from kombu.entity import Queue

from app.core.log import configure_logging
from app.core.queue import OUTBOX_QUEUE, Job, Priority, execution_queue
from app.core.settings import settings
from app.core.tls import redis_options
from app.models.task import ActionKind
from app.tasks import runtime

_KIND = ActionKind(settings().worker_kind)
# In the order in which a worker empties them. What changes something has processes of
# its own, so that no neighbour can interrupt it; they deliver nothing either.
QUEUES = [
    *([OUTBOX_QUEUE] if _KIND is ActionKind.READ else []),
    *(execution_queue(_KIND, priority) for priority in Priority),
]

app = Celery("cloudrota")
app.conf.update(
    broker_url=settings().redis_url.get_secret_value(),
    broker_use_ssl=redis_options(settings()) or None,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "queue_order_strategy": "priority",
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
    },
    task_queues=[Queue(name, routing_key=name) for name in QUEUES],
    task_default_queue=OUTBOX_QUEUE,
    task_ignore_result=True,
    task_acks_late=False,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_concurrency=settings().worker_concurrency,
    worker_pool="threads",
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    beat_scheduler="app.tasks.beat:RotaScheduler",
    enable_utc=True,
    timezone="UTC",
)


@app.task(name=Job.RUN_EXECUTION.value)
def run_execution(_execution_id: str) -> None:
    # Its turn may not have come: the worker asks Postgres whose turn it is.
    runtime.look_for_work()


@app.task(name=Job.DELIVER_OUTBOX.value)
def deliver_outbox(message_id: str) -> None:
    runtime.deliver_outbox(UUID(message_id))


@signals.setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Somebody listens, so Celery sets up no logging of its own."""


@signals.worker_init.connect
def _log(**_: Any) -> None:
    configure_logging(settings(), "worker")


class _Work(bootsteps.StartStopStep):
    """Claims from here on: Celery hears SIGTERM by now, so that nothing claimed is left
    behind, and has asked nothing of the broker yet, which may be away."""

    def start(self, _parent: object) -> None:
        runtime.start_worker()


app.steps["worker"].add(_Work)


@signals.worker_shutting_down.connect
def _release(**_: Any) -> None:
    runtime.release_all()


@signals.worker_shutdown.connect
def _stop(**_: Any) -> None:
    runtime.stop()
