"""Whether a process of this container answers `/healthz`: `python -m app.core.alive
8000`, of the API, or the METRICS_PORT of a worker or beat. What containers are asked,
which have no curl; it needs no settings."""

import sys
from http import HTTPStatus
from http.client import HTTPConnection

PATIENCE_SECONDS = 4


def is_alive(port: int) -> bool:
    """OSError where nobody answers, which ends the command with its words."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_alive(int(sys.argv[1])))
