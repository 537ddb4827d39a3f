"""Every table, so that importing the package completes the metadata."""

from app.models import (
    artifact,
    audit,
    aws_account,
    erasure,
    inventory,
    live_event,
    notification,
    organization,
    outbox,
    problem,
    purge,
    run,
    second_factor,
    subscription,
    task,
    throttle,
    user,
)
from app.models.base import Base

__all__ = [
    "Base",
    "artifact",
    "audit",
    "aws_account",
    "erasure",
    "inventory",
    "live_event",
    "notification",
    "organization",
    "outbox",
    "problem",
    "purge",
    "run",
    "second_factor",
    "subscription",
    "task",
    "throttle",
    "user",
]
