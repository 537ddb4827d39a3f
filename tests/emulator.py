"""The AWS emulator of tests and demo: MiniStack, which checks signatures and policies,
in a virtual environment of its own."""

import secrets
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from signal import Signals

from app.aws.session import AWSKeys
from app.core.embedded.process import (
    ENVIRONMENT,
    LOOPBACK,
    Account,
    EmbeddedError,
    Running,
    end,
    find,
    free_port,
    require_free,
    spawn,
    wait_until_ready,
)
from app.core.secret import Secret

NAME = "the AWS emulator"
ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".local/emulator/bin/python"

CUSTOMER_ACCOUNT = "471112833055"
PLATFORM_ACCOUNT = "829940517736"


@dataclass(frozen=True, slots=True)
class EmulatorServer:
    """A running emulator; it holds any number of AWS accounts, each empty at first."""

    port: int
    root_secret: Secret
    process: Running = field(repr=False)
    account_id: str = CUSTOMER_ACCOUNT

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def root_keys(self) -> AWSKeys:
        """The root user of `account_id`."""
        return self.root_of(self.account_id)

    def root_of(self, account_id: str) -> AWSKeys:
        """The root user of any account: its number is the access key there."""
        return AWSKeys(account_id, self.root_secret)

    def stop(self) -> None:
        end(self.process, Signals.SIGTERM, name=NAME)


class Emulator:
    """One emulator that keeps its files, none of which outlive it, in `directory`."""

    def __init__(self, directory: Path, *, port: int | None = None) -> None:
        self.directory = directory.absolute()
        self._port = port
        self._pid_file = self.directory / "emulator.pid"
        self._log = self.directory / "server.log"

    def start(self) -> EmulatorServer:
        """A fresh emulator; one that a killed run left behind is ended first."""
        if not PYTHON.exists():
            raise EmbeddedError(f"{NAME} is not installed: run ./setup.sh")
        self.stop()
        self.directory.mkdir(0o700, parents=True, exist_ok=True)
        port = free_port() if self._port is None else require_free(self._port)
        secret = Secret(secrets.token_urlsafe(30))
        process = spawn(
            [PYTHON, "-m", "ministack"],
            log=self._log,
            account=Account.ours(),
            environment=self._environment(port, secret),
            directory=self.directory,
        )
        self._pid_file.write_text(str(process.pid))
        wait_until_ready(
            lambda: _is_ready(port),
            lambda: process.poll() is None,
            name=NAME,
            log=self._log,
        )
        return EmulatorServer(port, secret, process)

    def stop(self) -> None:
        """End the emulator of this directory, whoever started it."""
        if process := find(self._pid_file, PYTHON):
            end(process, Signals.SIGTERM, name=NAME)

    def _environment(self, port: int, secret: Secret) -> dict[str, str]:
        here = str(self.directory)
        return {
            **ENVIRONMENT,
            "AUTH": "true",
            "BIND_HOST": LOOPBACK,
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": LOOPBACK,
            "MINISTACK_ACCOUNT_ID": CUSTOMER_ACCOUNT,
            # Otherwise the key "test" with the secret "test" would be everybody's root.
            "AWS_ACCESS_KEY_ID": CUSTOMER_ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": secret.reveal(),
            "HOME": here,
            "TMPDIR": here,
            "S3_DATA_DIR": f"{here}/s3",
            "STATE_DIR": f"{here}/state",
            # They listen on fixed ports.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }


def _is_ready(port: int) -> bool:
    connection = HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == 200
    except ConnectionRefusedError:
        return False
    finally:
        connection.close()
