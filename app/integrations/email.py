"""Sends one mail over SMTP, in plain text and HTML."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.core.clock import now
from app.core.errors import Unavailable
from app.core.settings import Settings

_BARE_ADDRESS = re.compile(r'[^\s,;:<>()"\\@]+@[^\s,;:<>()"\\@]+')
_TIMEOUT_SECONDS = 20
_MAX_ANSWER_LENGTH = 200
_NEVER = 500  # replies from here on are not for later


class MailNotSent(Unavailable):
    """The mail server is away, or refused the mail; its answer is the detail. `status`
    is its reply to this very mail or recipient, where it gave one."""

    code = "mail-not-sent"
    title = "A mail could not be sent"

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status

    @property
    def is_final(self) -> bool:
        """Whether this mail will never reach this recipient."""
        return self.status is not None and self.status >= _NEVER


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person. `id` is the same whenever it is sent again, and the mails
    of one `thread` are read together; both are words without spaces."""

    to: str
    subject: str
    text: str
    html: str
    id: str | None = None
    thread: str | None = None


def message_of(settings: Settings, mail: Mail) -> EmailMessage:
    """The message on the wire. ValueError if a header would run over its line, or
    `to` is not one single address."""
    if _BARE_ADDRESS.fullmatch(mail.to) is None:
        raise ValueError("a mail goes to one bare address")
    local_part, _, domain = mail.to.rpartition("@")
    _, sender = parseaddr(settings.mail_from)
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_from
    message["To"] = Address(username=local_part, domain=domain)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now())
    host = sender.rpartition("@")[2]
    message["Message-ID"] = (
        f"<{mail.id}@{host}>" if mail.id else make_msgid(domain=host)
    )
    if mail.thread:
        message["References"] = message["In-Reply-To"] = f"<{mail.thread}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


async def send(settings: Settings, mail: Mail) -> None:
    """Hand `mail` to the server of SMTP_URL, or raise MailNotSent.

    Outside development the connection is encrypted or not made.
    """
    message = message_of(settings, mail)
    client = _client(settings)
    try:
        async with client:
            await client.send_message(message, recipients=[mail.to])
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailNotSent(_reason(error), status=_reply(error)) from error


def _reply(error: Exception) -> int | None:
    """The server's reply to the recipient or to the mail; None if it was about
    something else, such as our own password."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return next((one.code for one in error.recipients), None)
        case aiosmtplib.SMTPDataError():
            return error.code
    return None


def _client(settings: Settings) -> aiosmtplib.SMTP:
    if settings.smtp_url is None:
        raise MailNotSent("SMTP_URL is not set.")
    url = urlsplit(settings.smtp_url.get_secret_value())
    if url.scheme not in {"smtp", "smtps"} or url.hostname is None:
        raise MailNotSent("SMTP_URL must be smtp://host:port or smtps://host:port.")
    encrypted = url.scheme == "smtps"
    upgrade = None if settings.is_local else True  # None: if the server offers it
    return aiosmtplib.SMTP(
        hostname=url.hostname,
        port=url.port,
        username=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        use_tls=encrypted,
        start_tls=False if encrypted else upgrade,
        timeout=_TIMEOUT_SECONDS,
    )


def _reason(error: Exception) -> str:
    """One line about what went wrong; a long answer of the server is visibly cut."""
    line = " ".join(f"{type(error).__name__}: {error}".split())
    if len(line) <= _MAX_ANSWER_LENGTH:
        return line
    return line[: _MAX_ANSWER_LENGTH - 1] + "…"
