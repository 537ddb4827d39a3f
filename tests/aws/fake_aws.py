"""AWS as its models describe it: answers every operation over the wire format, two
pages where it is paged, and any fault on demand. It proves wiring, not behaviour."""

import itertools
import json
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore.session
import cbor2
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.hooks import BaseEventHooks
from botocore.model import OperationModel
from moto.core.model import OperationModel as WireOperation
from moto.core.model import ServiceModel as WireService
from moto.core.serialize import get_serializer_class

from app.aws.service_models import LOADER
from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.secret import Secret
from tests.aws.examples import ACCOUNT, MOMENT, Example
from tests.aws.faults import Fault, Refused, response

__all__ = ["ACCOUNT", "MOMENT", "Asked", "FakeAWS"]

_SCOPE = 4  # parts of a signature's scope: date, region, service, aws4_request


@dataclass(frozen=True)
class Asked:
    """One call that reached the fake; `signed_by` is the access key id it came with.

    `is_the_sdks_own` holds of calls that botocore makes on the way to the one it was
    asked for, to discover an endpoint.
    """

    service: str
    operation: str
    region: str
    params: Mapping[str, Any]
    signed_by: str
    is_the_sdks_own: bool = False


Members = Mapping[str, Any]


class _Asking(threading.local):
    """What the calls of this thread ask, by operation: botocore's request does not say
    it, and a call may make another one first, to discover its endpoint."""

    def __init__(self) -> None:
        self.calls: dict[str, tuple[OperationModel, dict[str, Any]]] = {}
        self.waiting: set[str] = set()

    def remember(
        self, params: dict[str, Any], model: OperationModel, **_: object
    ) -> None:
        self.calls[model.name] = (model, params)
        before = self.waiting if model.is_endpoint_discovery_operation else set()
        self.waiting = {*before, model.name}

    def recall(self, operation: str) -> tuple[OperationModel, dict[str, Any]]:
        self.waiting.discard(operation)
        return self.calls[operation]


_asking = _Asking()
_lock = threading.Lock()


@dataclass
class FakeAWS:
    """`answers` replaces members of an operation's answer, or makes them of the
    question; `fail` makes the call with that number (from 0) answer the error code or
    the fault, `judge` the calls that it finds one for; `page_token` is said on every
    page; with `hold_still` the same question gets the same answer. `dress` has the last
    word on what an answer says.

    Any number of threads may ask at once; `ledger` has the calls as they came, but for
    those that botocore makes by itself, to discover an endpoint."""

    answers: dict[str, Members | Callable[[Asked], Members]] = field(
        default_factory=dict
    )
    fail: dict[int, str | Fault] = field(default_factory=dict)
    judge: Callable[[Asked], Fault | None] | None = None
    page_token: str | None = None
    hold_still: bool = False
    dress: Callable[[OperationModel, dict[str, Any]], dict[str, Any]] | None = None
    ledger: list[Asked] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def session(self) -> TenantSession:
        keys = AWSKeys("AKIDEXAMPLE", Secret("a-secret-of-the-fake"))
        session = TenantSession(keys, ACCOUNT, Endpoint())
        self._listen(session.events)
        return session

    @contextmanager
    def everywhere(self) -> Iterator["FakeAWS"]:
        """Every session made meanwhile, whoever makes it, speaks to this fake."""

        def attach(session: botocore.session.Session) -> None:
            self._listen(session.get_component("event_emitter"))

        botocore.register_initializer(attach)
        try:
            yield self
        finally:
            botocore.unregister_initializer(attach)

    def _listen(self, events: BaseEventHooks) -> None:
        events.register("provide-client-params", _asking.remember)
        answer: Any = self._answer  # the stubs do not know that a hook may answer
        events.register("before-send", answer)

    @contextmanager
    def afresh(self, **settings: Any) -> Iterator["FakeAWS"]:
        """The same fake and clients with these settings and an empty ledger."""
        before = dict(self.__dict__)
        fresh = {"ledger": [], "fail": {}, "_numbers": itertools.count()}
        self.__dict__.update({**fresh, **settings})
        try:
            yield self
        finally:
            self.__dict__.update(before)

    def _answer(
        self, request: AWSPreparedRequest, event_name: str, **_: object
    ) -> AWSResponse:
        model, params = _asking.recall(event_name.rpartition(".")[2])
        service = model.service_model.service_name
        key, region = _signature(request)
        nested = bool(_asking.waiting)
        asked = Asked(service, model.name, region, params, key, nested)
        fault = None if nested else self._numbered(asked)
        fault = fault or (self.judge and self.judge(asked))
        if fault is not None:
            fault = Refused(fault) if isinstance(fault, str) else fault
            return fault.answer(model, request.url)
        return self._success(model, asked, request.url)

    def _numbered(self, asked: Asked) -> str | Fault | None:
        with _lock:
            self.ledger.append(asked)
            return self.fail.get(len(self.ledger) - 1)

    def _success(self, model: OperationModel, asked: Asked, url: str) -> AWSResponse:
        told = self.answers.get(f"{asked.service}:{asked.operation}", {})
        members = Example(model, self._numbers_for(asked), self.page_token).page(
            asked.params
        )
        members |= told(asked) if callable(told) else told
        if self.dress is not None:
            members = self.dress(model, members)
        status, headers, body = _on_the_wire(model, members)
        return response(url, status, headers, body)

    def _numbers_for(self, asked: Asked) -> Iterator[int]:
        if not self.hold_still:
            return self._numbers
        # An instant is when it was asked, not what.
        question = json.dumps(asked.params, default=lambda one: type(one).__name__)
        return itertools.count(zlib.crc32(question.encode()))


def _signature(request: AWSPreparedRequest) -> tuple[str, str]:
    """The access key id, and the region in the signature's scope; some calls go
    unsigned, or are signed for no region."""
    signature = request.headers.get("Authorization", "")
    if isinstance(signature, bytes):
        signature = signature.decode()
    key, *scope = str(signature).partition("Credential=")[2].split(",")[0].split("/")
    return key, scope[1] if len(scope) == _SCOPE else ""


def _on_the_wire(
    model: OperationModel, members: Members
) -> tuple[int, Mapping[str, str], bytes]:
    service, protocol = (
        model.service_model.service_name,
        model.service_model.resolved_protocol,
    )
    if "cbor" in protocol:  # which the serializers do not know
        return (
            200,
            {"smithy-protocol": "rpc-v2-cbor"},
            cbor2.dumps(dict(members), datetime_as_timestamp=True),
        )
    wire = _wire(service, model.name)
    made = get_serializer_class(service, protocol)(wire).serialize(members)
    body = made["body"]
    return (
        made["status_code"],
        made["headers"],
        body if isinstance(body, bytes) else body.encode(),
    )


_wires: dict[str, WireService] = {}


def _wire(service: str, operation: str) -> WireOperation:
    if service not in _wires:
        model = LOADER.load_service_model(service, "service-2")
        _wires[service] = WireService(model, service)
    found: WireOperation = _wires[service].operation_model(operation)
    return found
