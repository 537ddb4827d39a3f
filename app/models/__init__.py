"""Every table, so that importing the package completes the metadata."""

from app.models import (
    artifact,
    audit,
    aws_account,
    inventory,
    notification,
    organization,
    outbox,
    problem,
    run,
    subscription,
    task,
    user,
)
from app.models.base import Base

__all__ = [
    "Base",
    "artifact",
    "audit",
    "aws_account",
    "inventory",
    "notification",
    "organization",
    "outbox",
    "problem",
    "run",
    "subscription",
    "task",
    "user",
]
