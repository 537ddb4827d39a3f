"""The beat's scheduler beside Celery's own life cycle."""

import threading

from celery import Celery

from app.tasks.beat import RotaScheduler


def test_the_scheduler_that_celery_makes_for_its_banner_starts_nothing() -> None:
    before = set(threading.enumerate())
    RotaScheduler(Celery("banner"), lazy=True)
    assert set(threading.enumerate()) == before
