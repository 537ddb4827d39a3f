"""The product's Celery application with workers that extend no lease: whatever they
hold is taken from them when its minute is over."""

from app.tasks import worker
from app.tasks.celery_app import app

worker.HEARTBEAT_SECONDS = 86_400

__all__ = ["app"]
