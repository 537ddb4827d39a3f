"""The beat's scheduler beside Celery's own life cycle."""

import threading

from app.tasks.beat import RotaScheduler
from app.tasks.celery_app import app


def test_the_scheduler_that_celery_makes_for_its_banner_starts_nothing() -> None:
    before = set(threading.enumerate())
    RotaScheduler(app, lazy=True)
    assert set(threading.enumerate()) == before
