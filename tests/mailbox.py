"""A real mail server on this machine that keeps every mail as a file to be read."""

import argparse
import asyncio
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from signal import SIG_BLOCK, SIGINT, SIGTERM, Signals, pthread_sigmask, sigwait
from urllib.parse import parse_qsl, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from app.core import clock
from app.core.embedded.environment import EnvironmentFile
from app.core.embedded.process import (
    LOOPBACK,
    Account,
    EmbeddedError,
    end,
    find,
    free_port,
    is_free,
    require_free,
    spawn,
    wait_until_ready,
)

NAME = "the mailbox"
ROOT = Path(__file__).parents[1]
LOCAL = ROOT / ".local"


class NoSuchMail(AssertionError):
    """The mail awaited did not come in time."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that arrived; `number` counts them from 1."""

    number: int
    message: EmailMessage

    @property
    def recipients(self) -> list[str]:
        """Whom it was delivered to, whatever its To says."""
        return str(self.message["X-Envelope-To"]).split(", ")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain", "html"))
        assert body is not None, f"mail {self.number} has no text"
        return str(body.get_content())

    @property
    def html(self) -> str:
        body = self.message.get_body(("html",))
        assert body is not None, f"mail {self.number} has no HTML"
        return str(body.get_content())

    @property
    def link(self) -> str:
        """The first address in it."""
        return self.find(r"https?://[^\s<>\"]+")

    @property
    def token(self) -> str:
        """What its link names `token`, in the query or behind the #."""
        parts = urlsplit(self.link)
        return dict(parse_qsl(parts.query) + parse_qsl(parts.fragment))["token"]

    def find(self, pattern: str) -> str:
        """The first match in its text: the group if there is one, else the whole."""
        found = re.search(pattern, self.text)
        assert found, f"mail {self.number} has nothing like {pattern}:\n{self.text}"
        return found.group(found.re.groups and 1)


class Mailbox:
    """The mails in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.directory.mkdir(parents=True, exist_ok=True)

    def mails(self, after: int = 0) -> list[Mail]:
        """Those with a higher number than `after`, oldest first."""
        return [
            Mail(number, _parsed(path))
            for path in sorted(self.directory.glob("*.eml"))
            if (number := int(path.stem)) > after
        ]

    def wait_for(
        self, address: str, *, subject: str = "", after: int = 0, within: float = 15
    ) -> Mail:
        """The first mail to `address` whose subject contains `subject`; seconds.

        Raises `NoSuchMail`, naming those that did come.
        """
        deadline = clock.monotonic() + within
        while True:
            mails = self.mails(after)
            for mail in mails:
                if address in mail.recipients and subject in mail.subject:
                    return mail
            if clock.monotonic() > deadline:
                came = [(mail.recipients, mail.subject) for mail in mails]
                raise NoSuchMail(f"no mail to {address} in {within} s, only {came}")
            time.sleep(0.05)

    async def arrival(
        self, address: str, *, subject: str = "", after: int = 0, within: float = 15
    ) -> Mail:
        """`wait_for`, for code that must not block."""
        return await asyncio.to_thread(
            self.wait_for, address, subject=subject, after=after, within=within
        )

    async def handle_DATA(  # noqa: N802 # aiosmtpd calls it by this name
        self,
        server: SMTP,  # noqa: ARG002 # aiosmtpd passes it
        session: Session,  # noqa: ARG002 # same
        envelope: Envelope,
    ) -> str:
        """Keep one mail, at once and whole."""
        recipients = ", ".join(envelope.rcpt_tos)
        number = 1 + max((mail.number for mail in self.mails()), default=0)
        fresh = self.directory / "arriving"
        head = f"X-Envelope-To: {recipients}\r\n".encode()
        fresh.write_bytes(head + (envelope.original_content or b""))
        fresh.rename(self.directory / f"{number:06d}.eml")
        return "250 kept"


class MailServer:
    """An SMTP server in a thread of this process that fills a mailbox."""

    def __init__(self, mailbox: Mailbox, port: int | None = None) -> None:
        self.mailbox = mailbox
        self.port = free_port() if port is None else require_free(port)
        self._controller = Controller(mailbox, hostname=LOOPBACK, port=self.port)

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop()


def _parsed(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def serve(port: int, directory: Path) -> None:
    """Keep mails until asked to stop."""
    server = MailServer(Mailbox(directory), port)
    pthread_sigmask(SIG_BLOCK, {SIGINT, SIGTERM})  # the server's thread inherits it
    server.start()
    sigwait({SIGINT, SIGTERM})
    server.stop()


def up(directory: Path) -> str:
    """Start the checkout's mail server in the background, where its settings say."""
    mailbox = Mailbox(directory)
    pid_file, log = directory / "server.pid", directory / "server.log"
    environment = EnvironmentFile(LOCAL / "dev.env")
    port = urlsplit(environment.read().get("SMTP_URL", "")).port
    if find(pid_file, mailbox.directory):
        return f"{NAME} runs on port {port}"
    said = ""
    if port is None or not is_free(port):
        said = f"port {port} is taken by another program; " if port else ""
        port = free_port()
        environment.update({"SMTP_URL": f"smtp://{LOOPBACK}:{port}"})
    command = [sys.executable, "-m", "tests.mailbox", "serve", f"--port={port}"]
    process = spawn(
        [*command, "--directory", mailbox.directory],
        log=log,
        account=Account.ours(),
        directory=ROOT,
    )
    pid_file.write_text(str(process.pid))
    wait_until_ready(
        lambda: not is_free(port), lambda: process.poll() is None, name=NAME, log=log
    )
    return f"{said}{NAME} runs on port {port} (process {process.pid})"


def down(directory: Path) -> str:
    """End the mail server of this mailbox."""
    process = find(directory / "server.pid", directory.absolute())
    if process is None:
        return f"{NAME} was not running"
    end(process, Signals.SIGTERM, name=NAME)
    return f"{NAME} stopped"


def show(directory: Path) -> str:
    """Every mail as a person reads it."""
    mails = Mailbox(directory).mails()
    return (
        "\n".join(
            f"#{mail.number}  {mail.message['Date']}\n"
            f"to       {', '.join(mail.recipients)}\n"
            f"subject  {mail.subject}\n\n{mail.text}\n{'-' * 72}"
            for mail in mails
        )
        or f"no mail has come to {directory} yet"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mailbox")
    parser.add_argument("action", choices=("serve", "up", "down", "show"))
    parser.add_argument("--port", type=int)
    parser.add_argument("--directory", type=Path, default=LOCAL / "mailbox")
    arguments = parser.parse_args()
    directory: Path = arguments.directory
    if arguments.action == "serve":
        serve(arguments.port or free_port(), directory)
        return
    actions: dict[str, Callable[[Path], str]] = {"up": up, "down": down, "show": show}
    try:
        sys.stdout.write(actions[arguments.action](directory) + "\n")
    except (EmbeddedError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
