"""How an answer is read off the wire: never more of it than memory is for. Streams,
which no listing and no check asks for, are their reader's to bound."""

from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
)
from urllib3 import exceptions

# Of one answer. AWS's own pages stay below a tenth of it.
ANSWER_LIMIT = 64 * 1024 * 1024


class AnswerTooLarge(Exception):
    """One answer is larger than any that AWS sends."""


def bound(client: Any) -> None:
    """Let the client refuse answers over the limit while it reads them."""
    # botocore has no setting for it, and would read the whole answer first.
    endpoint = client._endpoint  # noqa: SLF001 — see above
    endpoint.http_session = _BoundedSession(endpoint.http_session)


class _BoundedSession:
    """botocore's HTTP session, whose answers are read here."""

    def __init__(self, http: Any) -> None:
        self._http = http

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        if request.stream_output:
            response: AWSResponse = self._http.send(request)
            return response
        request.stream_output = True  # so that it is not read yet
        response = self._http.send(request)
        response.raw = _Bounded(response.raw)
        try:
            _ = response.content
        # botocore's names for what breaks off, but for TLS: there it would say that no
        # connection was made, and a call that changes something was never sent.
        except exceptions.ReadTimeoutError as failure:
            raise ReadTimeoutError(endpoint_url=request.url, error=failure) from failure
        except exceptions.ProtocolError as failure:
            raise ConnectionClosedError(
                error=failure, request=request, endpoint_url=request.url
            ) from failure
        except AnswerTooLarge:
            raise
        except Exception as failure:
            raise HTTPClientError(error=failure) from failure
        return response

    def close(self) -> None:
        self._http.close()


class _Bounded:
    """urllib3's response, as far as botocore reads it."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def stream(self) -> Iterator[bytes]:
        """Raises AnswerTooLarge, and hangs up, as soon as it is more than the limit."""
        read = 0
        for part in self._raw.stream():
            read += len(part)
            if read > ANSWER_LIMIT:
                self._raw.close()
                raise AnswerTooLarge(f"more than {ANSWER_LIMIT:,} bytes")
            yield part
