"""Which of AWS's requests were answered, so that somebody can find them in CloudTrail:
how many, and of the first and the last ones what was asked and AWS's request id."""

import re
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

KEPT = 5  # of the first ones, and as many of the last ones
_ID = re.compile(r"[A-Za-z0-9+/=_:.-]{1,128}")  # what else comes is no request id


class Answer(NamedTuple):
    """One request that AWS answered; the id is None where the answer had none."""

    operation: str
    region: str
    request_id: str | None


class Answers:
    """What a piece of work was answered, in the order in which it was heard. Its size
    does not grow with the answers. Not thread-safe: a guard holds its lock over it."""

    def __init__(self) -> None:
        self._count = 0
        self._first: list[Answer] = []
        self._last: deque[Answer] = deque(maxlen=KEPT)

    def add(self, operation: str, region: str, request_id: object) -> None:
        self._count += 1
        answer = Answer(operation, region, _clean(request_id))
        (self._first if self._count <= KEPT else self._last).append(answer)

    def as_json(self) -> dict[str, object] | None:
        """None where nothing was answered."""
        if not self._count:
            return None
        first = [one._asdict() for one in self._first]
        last = [one._asdict() for one in self._last]
        return {"count": self._count, "first": first, "last": last}


def request_id_of(answer: Mapping[str, Any]) -> str | None:
    """AWS's id of the request that was answered with this, as botocore parsed it."""
    return _clean(answer.get("ResponseMetadata", {}).get("RequestId"))


def _clean(request_id: object) -> str | None:
    if isinstance(request_id, str) and _ID.fullmatch(request_id):
        return request_id
    return None
