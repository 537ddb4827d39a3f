"""Asks the operator's heartbeat address, which raises the alarm when nobody does."""

from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, build_opener

from app.core.errors import Unavailable
from app.core.version import VERSION

TIMEOUT_SECONDS = 5


class HeartbeatNotHeard(Unavailable):
    """The address did not answer, or answered an error."""

    code = "heartbeat-not-heard"
    title = "The heartbeat's address did not answer"


class _NoRedirects(HTTPRedirectHandler):
    """Whoever answers there gets nothing asked elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = build_opener(ProxyHandler({}), _NoRedirects())
_opener.addheaders = [("User-Agent", f"cloudrota/{VERSION}")]


def ping(url: str) -> None:
    """One GET, of a few seconds at most. Raises HeartbeatNotHeard, which does not name
    the address: it is a secret. To be called in a thread."""
    try:
        with _opener.open(url, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(1024)
    except HTTPError as refusal:
        refusal.close()
        raise HeartbeatNotHeard(f"It answered {refusal.code}.") from refusal
    except (OSError, HTTPException) as error:
        raise HeartbeatNotHeard(f"Nobody answered ({type(error).__name__}).") from error
