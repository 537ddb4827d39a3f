"""moto's server in this process; it answers on loopback only."""

from http.client import HTTPConnection
from types import TracebackType
from typing import Self

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

HOST = "127.0.0.1"


class Moto:
    """Starts with `with`; `forget` empties all its accounts."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(HOST, 0, verbose=False)

    @property
    def port(self) -> int:
        return int(self._server.get_host_and_port()[1])

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def forget(self) -> None:
        connection = HTTPConnection(HOST, self.port)
        connection.request("POST", "/moto-api/reset")
        assert connection.getresponse().status == 200
        connection.close()

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()
