"""Where the present request comes from, for what is recorded of its act; nothing in a
job. It is no part of the log's context: addresses of people stay out of logs."""

from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


ORIGIN: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 — it is a tuple
MAX_USER_AGENT = 256


def shortened(user_agent: str | None) -> str | None:
    """An overlong name of a browser is visibly cut."""
    if user_agent is None or len(user_agent) <= MAX_USER_AGENT:
        return user_agent
    return user_agent[: MAX_USER_AGENT - 1] + "…"
