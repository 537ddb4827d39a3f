"""Celery alone: the worker's broker, pool and messages, and a task that is empty."""

from celery import Celery

from app.core.queue import Job
from app.tasks.celery_app import app as ours

app = Celery("bare")
app.conf.update(ours.conf.changes)


def run_execution(_: str) -> None:
    """Nothing."""


app.task(name=Job.RUN_EXECUTION.value)(run_execution)
