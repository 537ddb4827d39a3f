"""Answers of the operations routes."""

from typing import Literal

from app.schemas.base import Output


class Health(Output):
    status: Literal["alive"]


class Readiness(Output):
    """`checks` names each dependency: "ok", or what is wrong with it."""

    ready: bool
    checks: dict[str, str]
