"""One AWS call: the guard is asked before it, its error is named after it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from app.aws.errors import (
    AWSConfigurationError,
    AWSError,
    AWSServiceLimitError,
    classify,
    error,
)
from app.aws.session import PlatformSession, TenantSession, sent

NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Absent:
    """A declared absence: the code AWS answered with, and the fact it stands for.

    `fact` is `absent`, `vanished` or `not_applicable`.
    """

    fact: str
    code: str


class Guard:
    """Counts calls and retries, and lets `stop` raise between calls; thread-safe."""

    def __init__(
        self, stop: Callable[[], None] | None = None, max_calls: int | None = None
    ) -> None:
        self._stop = stop
        self._max_calls = max_calls
        self._lock = threading.Lock()
        self._calls = 0
        self._retries = 0

    @property
    def calls(self) -> int:
        """Calls made, a call with its retries counting once."""
        return self._calls

    @property
    def retries(self) -> int:
        """Requests sent beyond the first of each call."""
        return self._retries

    def check(self) -> None:
        """Raise what `stop` raises: cancelled, past the deadline, lease lost."""
        if self._stop is not None:
            self._stop()

    def admit(self) -> bool:
        """Take one call from the cap; false when it is used up."""
        with self._lock:
            if self._max_calls is not None and self._calls >= self._max_calls:
                return False
            self._calls += 1
            return True

    def record_retries(self, count: int) -> None:
        with self._lock:
            self._retries += count


def call(
    session: TenantSession | PlatformSession,
    *,
    service: str,
    operation: str,
    region: str,
    guard: Guard,
    params: Mapping[str, Any] = NONE,
    absent: Mapping[str, str] = NONE,
    iam_actions: tuple[str, ...] = (),
    phase: str = "call",
) -> dict[str, Any] | Absent:
    """Make exactly one call and return its parsed answer.

    `operation` is botocore's name (`DescribeInstances`). A code in `absent` is answered
    with its fact. Raises one of the six AWSError categories, or what the guard raises.
    """
    guard.check()
    before = sent.set(0)
    try:
        method = _admitted(session, service, operation, region, guard)
        return method(**params)
    except AWSError:
        raise
    except Exception as failure:
        if isinstance(failure, ClientError):
            code = failure.response["Error"].get("Code", "")
            if code in absent:
                return Absent(absent[code], code)
        raise classify(
            failure,
            service=service,
            operation=operation,
            region=region,
            phase=phase,
            retries=max(sent.get() - 1, 0),
            iam_actions=iam_actions,
        ) from failure
    finally:
        guard.record_retries(max(sent.get() - 1, 0))
        sent.reset(before)


def _admitted(
    session: TenantSession | PlatformSession,
    service: str,
    operation: str,
    region: str,
    guard: Guard,
) -> Callable[..., dict[str, Any]]:
    """The client's method, once the operation exists and the cap allows a call."""
    client = session.client(service, region)
    name = xform_name(operation)
    if client.meta.method_to_api_mapping.get(name) != operation:
        raise error(
            AWSConfigurationError,
            code="unknown_operation",
            message=f"{service} has no operation {operation}",
            service=service,
            operation=operation,
            region=region,
        )
    if not guard.admit():
        raise error(
            AWSServiceLimitError,
            code="call_cap",
            message="The calls allowed for this work are used up",
            service=service,
            operation=operation,
            region=region,
            advice="Split the work: fewer services or regions in one task.",
        )
    method: Callable[..., dict[str, Any]] = getattr(client, name)
    return method
