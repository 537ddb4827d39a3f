"""Mail over a real SMTP server, and what becomes of a refused or hostile one."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from app.core.embedded.process import LOOPBACK, free_port
from app.core.errors import Unavailable
from app.core.settings import Settings
from app.integrations.email import Mail, MailNotSent, message_of, send
from tests.mailbox import Mailbox, MailServer

PASSWORD = "canary-smtp-password"


@pytest.fixture
def local(mail_server: MailServer) -> Settings:
    """Settings that lead to the test's mail server."""
    return Settings(
        _env_file=None,
        environment="test",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr("0123456789abcdef" * 4),
        redis_url=SecretStr("redis://127.0.0.1:1"),
        smtp_url=SecretStr(mail_server.url),
        mail_from="Cloudrota Ünïcode <no-reply@cloudrota.example>",
    )


def _mail(to: str, subject: str = "Hello") -> Mail:
    return Mail(to, subject, "Plain — text\n", "<p>Rich — text</p>\n")


def _with_smtp(settings: Settings, url: str, **changes: object) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr(url), **changes})


class _Refuses:
    """A server that says no at RCPT."""

    async def handle_RCPT(  # noqa: N802 — aiosmtpd calls it by this name
        self,
        *arguments: object,
    ) -> str:
        *_, address, _options = arguments
        return f"550 {address} is not here {'x' * 300}"


@pytest.fixture
def refusing() -> Iterator[str]:
    port = free_port()
    controller = Controller(_Refuses(), hostname=LOOPBACK, port=port)
    controller.start()
    yield f"smtp://{LOOPBACK}:{port}"
    controller.stop()


async def test_arrives_in_plain_text_and_html(
    local: Settings, mailbox: Mailbox
) -> None:
    await send(local, _mail("anna@example.com", "Grüße"))
    mail = await mailbox.arrival("anna@example.com")
    assert mail.subject == "Grüße"
    assert mail.text == "Plain — text\r\n"
    html = mail.message.get_body(("html",))
    assert html is not None
    assert "<p>Rich — text</p>" in html.get_content()
    assert str(mail.message["To"]) == "anna@example.com"
    assert str(mail.message["From"]).endswith("<no-reply@cloudrota.example>")
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert str(mail.message["Message-ID"]).endswith("@cloudrota.example>")
    assert mail.message["Date"] is not None


@pytest.mark.parametrize("address", ["änna@example.com", "anna@exämple.com"])
async def test_reaches_addresses_beyond_ascii(
    local: Settings, mailbox: Mailbox, address: str
) -> None:
    await send(local, _mail(address))
    mail = await mailbox.arrival(address)
    assert mail.subject == "Hello"


@pytest.mark.parametrize(
    "subject", ["Hello\r\nBcc: eve@example.com", "Hello\nX: y", "Hello\rX: y"]
)
async def test_a_header_does_not_run_over_its_line(
    local: Settings, mailbox: Mailbox, subject: str
) -> None:
    before = len(mailbox.mails())
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        await send(local, _mail("anna@example.com", subject))
    assert len(mailbox.mails()) == before


@pytest.mark.parametrize(
    "address",
    [
        "anna@example.com, eve@example.com",
        "anna@example.com\r\nBcc: eve@example.com",
        "anna@example.com\nRCPT TO:<eve@example.com>",
        "Anna <anna@example.com>",
        "<anna@example.com>",
        "",
    ],
)
async def test_goes_to_one_bare_address_or_nowhere(
    local: Settings, mailbox: Mailbox, address: str
) -> None:
    before = len(mailbox.mails())
    with pytest.raises(ValueError, match="one bare address"):
        await send(local, _mail(address))
    assert len(mailbox.mails()) == before


async def test_says_what_the_server_answered(local: Settings, refusing: str) -> None:
    with pytest.raises(MailNotSent) as refused:
        await send(_with_smtp(local, refusing), _mail("anna@example.com"))
    assert "550" in refused.value.detail
    assert len(refused.value.detail) == 200
    assert refused.value.detail.endswith("…"), "a cut shows"
    assert "\n" not in refused.value.detail


async def test_an_absent_server_is_a_fact_and_not_a_surprise(local: Settings) -> None:
    away = _with_smtp(local, f"smtp://u:{PASSWORD}@{LOOPBACK}:{free_port()}")
    with pytest.raises(MailNotSent) as refused:
        await send(away, _mail("anna@example.com"))
    assert isinstance(refused.value, Unavailable)
    assert PASSWORD not in refused.value.detail


async def test_outside_development_nothing_is_sent_unencrypted(
    local: Settings, mail_server: MailServer, mailbox: Mailbox
) -> None:
    before = len(mailbox.mails())
    plain = _with_smtp(local, mail_server.url, environment="production")
    with pytest.raises(MailNotSent, match="STARTTLS"):
        await send(plain, _mail("anna@example.com"))
    assert len(mailbox.mails()) == before


async def test_smtps_speaks_tls_from_the_first_byte(
    local: Settings, mail_server: MailServer
) -> None:
    encrypted = _with_smtp(local, mail_server.url.replace("smtp:", "smtps:"))
    with pytest.raises(MailNotSent, match="SSL"):
        await send(encrypted, _mail("anna@example.com"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:25", "127.0.0.1:25", "smtp://"])
async def test_another_kind_of_url_is_refused_by_name(
    local: Settings, url: str
) -> None:
    with pytest.raises(MailNotSent, match="SMTP_URL"):
        await send(_with_smtp(local, url), _mail("anna@example.com"))


async def test_without_a_server_set_it_says_so(local: Settings) -> None:
    unset = local.model_copy(update={"smtp_url": None})
    with pytest.raises(MailNotSent, match="SMTP_URL is not set"):
        await send(unset, _mail("anna@example.com"))


def test_every_mail_has_both_bodies(local: Settings) -> None:
    message = message_of(local, _mail("anna@example.com"))
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
