"""botocore repeats a call that changes something when its answer does not come."""

from dataclasses import replace as changed
from typing import Any

from app.aws import session
from tests.chaos.plants import replace

_config = session.Endpoint.config


def _patient(endpoint: session.Endpoint, *rest: Any) -> Any:
    return _config(changed(endpoint, total_max_attempts=4), *rest)


def plant() -> None:
    replace(session.Endpoint, "config", _patient)
