"""One AWS call: the guard is asked before it, its error is named after it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from botocore import xform_name
from botocore.exceptions import ClientError

from app.aws.answered import Answers, request_id_of
from app.aws.errors import (
    AWSConfigurationError,
    AWSError,
    AWSServiceError,
    AWSServiceLimitError,
    classify,
    error,
)
from app.aws.session import PlatformSession, TenantSession, sent, throttled
from app.aws.traced import tell, traced
from app.aws.transport import AnswerTooLarge

NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Absent:
    """A declared absence: the code AWS answered with, and the fact it stands for.

    `fact` is `absent`, `vanished` or `not_applicable`.
    """

    fact: str
    code: str


Pacing = Literal["shared", "local"]


# Waits until a call may be made, by account, region and service, so that nothing is
# asked too fast; what it is given last is asked while waiting and may raise. It says
# whether the rate was kept with all other processes, or by this one's share of it.
Pace = Callable[[str | None, str, str, Callable[[], None]], Pacing]


class Allowance:
    """How many calls a piece of work may make; its guards share it. Thread-safe.
    `message` and `advice` are said of a call beyond it."""

    def __init__(self, calls: int) -> None:
        self._left = calls
        self._lock = threading.Lock()
        self.message = "The calls allowed for this work are used up"
        self.advice = "Split the work: fewer services or regions in one task."

    def narrow(self, calls: int, *, message: str, advice: str) -> None:
        """Allow no more than so many, for the reason that is said."""
        with self._lock:
            if calls < self._left:
                self._left, self.message, self.advice = calls, message, advice

    def take(self) -> bool:
        """Take one call; false when they are used up."""
        with self._lock:
            self._left -= 1
            return self._left >= 0


class Guard:
    """Counts calls, retries and throttled answers, keeps the pace, and lets `stop`
    raise between calls; thread-safe."""

    def __init__(
        self,
        stop: Callable[[], None] | None = None,
        allowance: "Allowance | None" = None,
        pace: Pace | None = None,
    ) -> None:
        self._stop = stop
        self._allowance = allowance
        self._pace = pace
        self._throttled = 0
        self._pacing: Pacing | None = None
        self._lock = threading.Lock()
        self._calls = 0
        self._retries = 0
        self._answers = Answers()

    @property
    def calls(self) -> int:
        """Calls made, a call with its retries counting once."""
        return self._calls

    @property
    def retries(self) -> int:
        """Requests sent beyond the first of each call."""
        return self._retries

    @property
    def throttled(self) -> int:
        """Answers, retried or not, that refused a call for coming too fast."""
        return self._throttled

    @property
    def pacing(self) -> Pacing | None:
        """How the pace was kept; `local` as soon as one call was. None without any."""
        return self._pacing

    @property
    def answers(self) -> dict[str, object] | None:
        """Which requests AWS answered; None where it answered none."""
        with self._lock:
            return self._answers.as_json()

    def keep_pace(self, account_id: str | None, region: str, service: str) -> None:
        """Wait until the call may be made; raises what `stop` raises."""
        if self._pace is None:
            return
        pacing = self._pace(account_id, region, service, self.check)
        with self._lock:
            self._pacing = "local" if self._pacing == "local" else pacing

    def check(self) -> None:
        """Raise what `stop` raises: cancelled, past the deadline, lease lost."""
        if self._stop is not None:
            self._stop()

    def admit(self) -> Allowance | None:
        """Take one call from the allowance; that allowance, when it is used up."""
        if self._allowance is not None and not self._allowance.take():
            return self._allowance
        with self._lock:
            self._calls += 1
        return None

    def record(self, *, retries: int, throttled: int) -> None:
        with self._lock:
            self._retries += retries
            self._throttled += throttled

    def heard(self, operation: str, region: str, answer: Mapping[str, Any]) -> None:
        """Remember the request that was answered with this, as botocore parsed it."""
        with self._lock:
            self._answers.add(operation, region, request_id_of(answer))


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
    if isinstance(session, TenantSession):
        guard.keep_pace(session.account_id, region, service)
    before, before_throttled = sent.set(0), throttled.set(0)
    try:
        method = _admitted(session, service, operation, region, guard)
        with traced(service, operation, region, absent) as span:
            answer = method(**params)
            tell(span, answer)
        guard.heard(f"{service}:{operation}", region, answer)
        return _body(answer)
    except AWSError:
        raise
    except AnswerTooLarge as failure:
        raise error(
            AWSServiceError,
            code="hostile_or_oversized",
            message=f"{service} {operation} answered {failure}",
            service=service,
            operation=operation,
            region=region,
            phase=phase,
            retries=max(sent.get() - 1, 0),
        ) from failure
    except Exception as failure:
        if isinstance(failure, ClientError):
            code = failure.response["Error"].get("Code", "")
            if code in absent:
                guard.heard(f"{service}:{operation}", region, failure.response)
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
        guard.record(retries=max(sent.get() - 1, 0), throttled=throttled.get())
        sent.reset(before)
        throttled.reset(before_throttled)


def _body(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer without what the SDK adds about the request."""
    return {name: one for name, one in answer.items() if name != "ResponseMetadata"}


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
    if (used_up := guard.admit()) is not None:
        raise error(
            AWSServiceLimitError,
            code="call_cap",
            message=used_up.message,
            service=service,
            operation=operation,
            region=region,
            advice=used_up.advice,
        )
    method: Callable[..., dict[str, Any]] = getattr(client, name)
    return method
