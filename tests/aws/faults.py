"""What can go wrong with one call, as it looks on the wire: an error that AWS answers,
a body that is none of its protocol, a connection that breaks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Protocol

import cbor2
from botocore import exceptions as botocore
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import OperationModel

# The last one is for S3, which has no wrapper around its error.
_XML = {
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message>"
    "</Error></Errors><RequestID>r</RequestID></Response>",
    "query": "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
    "<Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>",
    "rest-xml": "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message>"
    "</Error><RequestId>r</RequestId></ErrorResponse>",
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message></Error>",
}
_PAGE = b"<html><body><h1>Please sign in to continue</h1></body></html>"


class Fault(Protocol):
    """One thing that goes wrong; `name` is what it is told apart by."""

    @property
    def name(self) -> str: ...

    def answer(self, model: OperationModel, url: str, /) -> AWSResponse:
        """The response, or the exception that botocore's HTTP client raises."""


@dataclass(frozen=True)
class Refused:
    """AWS answers an error in the service's own protocol."""

    name: str
    status: int = 400
    message: str = "m"

    def answer(self, model: OperationModel, url: str) -> AWSResponse:
        headers = {"x-amzn-requestid": "r", "x-amzn-errortype": self.name}
        return response(url, self.status, headers, self._body(model))

    def _body(self, model: OperationModel) -> bytes:
        protocol = model.service_model.resolved_protocol
        template = _XML.get(model.service_model.service_name) or _XML.get(protocol)
        if template:
            text = template.format(
                code=_escaped(self.name), message=_escaped(self.message)
            )
            return text.encode()
        document = {"__type": self.name, "message": self.message}
        return (
            cbor2.dumps(document)
            if "cbor" in protocol
            else json.dumps(document).encode()
        )


@dataclass(frozen=True)
class Bare:
    """A status and nothing else, as a HEAD request is answered."""

    name: str
    status: int

    def answer(self, _: OperationModel, url: str) -> AWSResponse:
        return response(url, self.status, {}, b"")


@dataclass(frozen=True)
class WebPage:
    """A proxy, a portal or a load balancer answers instead of AWS."""

    name: str
    status: int

    def answer(self, _: OperationModel, url: str) -> AWSResponse:
        return response(url, self.status, {"content-type": "text/html"}, _PAGE)


@dataclass(frozen=True)
class Body:
    """A success with exactly this body."""

    name: str
    body: bytes = field(repr=False)

    def answer(self, _: OperationModel, url: str) -> AWSResponse:
        return response(url, 200, {}, self.body)


NOISE = Body("noise", b"\x9f\x00 this is of no protocol at all")


@dataclass(frozen=True)
class Broken:
    """No complete answer comes back; `name` is botocore's exception."""

    name: str

    def answer(self, _: OperationModel, url: str) -> AWSResponse:
        kind: type[botocore.BotoCoreError] = getattr(botocore, self.name)
        raise kind(endpoint_url=url, error="broken on purpose", request=None)


def response(
    url: str, status: int, headers: Mapping[str, str], body: bytes
) -> AWSResponse:
    fields = HTTPHeaders.from_dict(dict(headers))
    return AWSResponse(url, status, fields, _Body(body))


class _Body(BytesIO):
    def stream(self) -> list[bytes]:
        return [self.read()]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
