"""AWS as its models describe it: answers every operation over the wire format, two
pages where it is paged, and any error on demand. It proves wiring, not behaviour."""

import itertools
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from moto.core.model import OperationModel as WireOperation
from moto.core.model import ServiceModel as WireService
from moto.core.serialize import get_serializer_class

from app.aws.catalog.sources import paginators
from app.aws.service_models import LOADER
from app.aws.session import AWSKeys, Endpoint, TenantSession
from app.core.secret import Secret

ACCOUNT = "123456789012"
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOKEN = re.compile(r"(token|marker|cursor|position)$|^next", re.IGNORECASE)
MORE = re.compile(r"(truncated|^hasmore)", re.IGNORECASE)
DEPTH = 7  # levels of an answer that are filled

ERRORS = {
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error>"
    "</Errors><RequestID>r</RequestID></Response>",
    "query": "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
    "<Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>",
    "rest-xml": "<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error>"
    "<RequestId>r</RequestId></ErrorResponse>",
    "s3": "<Error><Code>{code}</Code><Message>m</Message></Error>",
}


@dataclass(frozen=True)
class Asked:
    """One call that reached the fake."""

    service: str
    operation: str
    region: str
    params: Mapping[str, Any]


class _Body(BytesIO):
    def stream(self) -> Iterator[bytes]:
        yield self.read()


@dataclass
class FakeAWS:
    """`answers` replaces members of an operation's answer; `fail` makes the call with
    that number (from 0) answer the error code; `page_token` is said on every page;
    with `hold_still` the same question gets the same answer."""

    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    fail: dict[int, str] = field(default_factory=dict)
    page_token: str | None = None
    hold_still: bool = False
    ledger: list[Asked] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _asked: tuple[OperationModel, dict[str, Any]] | None = None

    def session(self) -> TenantSession:
        keys = AWSKeys("AKIDEXAMPLE", Secret("a-secret-of-the-fake"))
        session = TenantSession(keys, ACCOUNT, Endpoint())
        session.events.register("provide-client-params", self._remember)
        answer: Any = self._answer  # the stubs do not know that a hook may answer
        session.events.register("before-send", answer)
        return session

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

    def _remember(
        self, params: dict[str, Any], model: OperationModel, **_: object
    ) -> None:
        self._asked = (model, params)

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        assert self._asked is not None
        model, params = self._asked
        service = model.service_model.service_name
        self.ledger.append(Asked(service, model.name, _region(request), params))
        code = self.fail.get(len(self.ledger) - 1)
        if code is not None:
            return _refusal(model, code, request.url)
        return self._success(model, params, request.url)

    def _success(
        self, model: OperationModel, params: dict[str, Any], url: str
    ) -> AWSResponse:
        if self.hold_still:
            same = zlib.crc32(json.dumps(params, default=str).encode())
            self._numbers = itertools.count(same)
        service = model.service_model.service_name
        members = self._first_or_last_page(model, params)
        members |= self.answers.get(f"{service}:{model.name}", {})
        protocol = model.service_model.resolved_protocol
        serializer = get_serializer_class(service, protocol)(_wire(service, model.name))
        made = serializer.serialize(members)
        body = (
            made["body"] if isinstance(made["body"], bytes) else made["body"].encode()
        )
        return _response(url, made["status_code"], made["headers"], body)

    def _first_or_last_page(
        self, model: OperationModel, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        output = model.output_shape
        made = self._example(output, "", 0) if output else {}
        paging = _paging(model)
        is_last = bool(paging["inputs"] & params.keys())
        return self._paged(made, paging["outputs"], is_last=is_last)

    def _paged(
        self, made: dict[str, Any], outputs: frozenset[str], *, is_last: bool
    ) -> dict[str, Any]:
        """Tokens on the first page only, also inside the structure around a list."""
        for name, value in list(made.items()):
            if MORE.search(name) and isinstance(value, bool):
                made[name] = not is_last
            elif name in outputs or (TOKEN.search(name) and isinstance(value, str)):
                if self.page_token is not None:
                    made[name] = self.page_token
                elif is_last:
                    del made[name]
            elif isinstance(value, dict):
                made[name] = self._paged(value, frozenset(), is_last=is_last)
        return made

    # ── examples of shapes ───────────────────────────────────────────────────────

    def _example(self, shape: Shape, name: str, depth: int) -> Any:
        if isinstance(shape, StructureShape):
            # A union has one of its members; nothing fails unless a test says so.
            members = list(shape.members.items())[
                : 1 if shape.is_tagged_union else None
            ]
            return {
                member: self._example(one, member, depth + 1)
                for member, one in members
                if depth < DEPTH or shape.is_tagged_union
                if member.lower() != "failures"
            }
        if isinstance(shape, ListShape):
            return (
                [self._example(shape.member, name, depth + 1)] if depth < DEPTH else []
            )
        if isinstance(shape, MapShape):
            keys = getattr(shape.key, "enum", None) or [f"{name}-{next(self._numbers)}"]
            return {key: self._example(shape.value, key, depth + 1) for key in keys}
        return self._scalar(shape, name)

    def _scalar(self, shape: Shape, name: str) -> Any:
        if shape.type_name == "string":
            return self._text(shape, name or shape.name)
        examples = {"boolean": True, "timestamp": MOMENT, "blob": b"bytes"}
        return examples.get(shape.type_name, 1)

    def _text(self, shape: Shape, name: str) -> str:
        number = next(self._numbers)
        if enum := getattr(shape, "enum", None):
            return str(enum[number % len(enum)])
        width = max(int(shape.metadata.get("min", 0)) - len(name) - 1, 1)
        text = f"{name}-{number:0{width}d}"
        if name.lower().endswith("arn"):
            return f"arn:aws:{self._signing_name()}:eu-west-1:{ACCOUNT}:kind/{text}"
        return text

    def _signing_name(self) -> str:
        assert self._asked is not None
        return str(self._asked[0].service_model.signing_name)


def _region(request: AWSPreparedRequest) -> str:
    """The region in the signature's scope."""
    signature = request.headers["Authorization"]
    if isinstance(signature, bytes):
        signature = signature.decode()
    return str(signature.split("Credential=")[1].split("/")[2])


def _paging(model: OperationModel) -> dict[str, frozenset[str]]:
    """Which inputs ask for a later page: by the SDK's paginator, else by their name."""
    service = model.service_model.service_name
    known = paginators(service).get(model.name, {})
    shape = model.input_shape
    named = [n for n in shape.members if TOKEN.search(n)] if shape else []
    return {
        "inputs": frozenset(_list(known.get("input_token", [])) or named),
        "outputs": frozenset(_list(known.get("output_token", []))),
    }


def _list(value: object) -> list[str]:
    return list(value) if isinstance(value, list) else [str(value)]


_wires: dict[str, WireService] = {}


def _wire(service: str, operation: str) -> WireOperation:
    if service not in _wires:
        model = LOADER.load_service_model(service, "service-2")
        _wires[service] = WireService(model, service)
    found: WireOperation = _wires[service].operation_model(operation)
    return found


def _refusal(model: OperationModel, code: str, url: str) -> AWSResponse:
    service = model.service_model.service_name
    protocol = model.service_model.resolved_protocol
    headers = {"x-amzn-requestid": "r", "x-amzn-errortype": code}
    template = ERRORS.get(service) or ERRORS.get(protocol)
    body = template.format(code=code) if template else json.dumps({"__type": code})
    return _response(url, 400, headers, body.encode())


def _response(
    url: str, status: int, headers: Mapping[str, str], body: bytes
) -> AWSResponse:
    fields = HTTPHeaders.from_dict(dict(headers))
    return AWSResponse(url, status, fields, _Body(body))
