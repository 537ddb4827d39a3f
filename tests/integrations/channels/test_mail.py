"""Mails of notices over a real mail server."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.channels import EmailToManagers
from app.core.embedded.process import LOOPBACK, free_port
from app.core.notice import NoticeEvent
from app.core.settings import Settings
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.registry import Senders
from app.integrations.email import MailNotSent
from tests.integrations.channels.hostile_notices import hostile
from tests.integrations.channels.notices import SITE, a_notice, id_of
from tests.mailbox import Mailbox

HERE, LATER, NEVER = "here@a.example", "later@a.example", "never@a.example"


class _Particular:
    """A server that takes mail for one, puts off another, and knows no third."""

    def __init__(self) -> None:
        self.took: list[str] = []

    async def handle_RCPT(self, *arguments: object) -> str:  # noqa: N802 — its name
        _, _, envelope, address, _options = arguments
        if address == LATER:
            return f"451 {address} is greylisted"
        if address == NEVER:
            return f"550 {address} is not here"
        envelope.rcpt_tos.append(address)  # type: ignore[attr-defined]
        return "250 OK"

    async def handle_DATA(self, *arguments: object) -> str:  # noqa: N802 — its name
        _, _, envelope = arguments
        self.took += envelope.rcpt_tos  # type: ignore[attr-defined]
        return "250 OK"


@pytest.fixture
def particular(settings: Settings) -> Iterator[tuple[Senders, _Particular]]:
    port, server = free_port(), _Particular()
    controller = Controller(server, hostname=LOOPBACK, port=port)
    controller.start()
    url = SecretStr(f"smtp://{LOOPBACK}:{port}")
    yield Senders(settings.model_copy(update={"smtp_url": url})), server
    controller.stop()


async def _send(senders: Senders, *recipients: str) -> Sent:
    outgoing = Outgoing(EmailToManagers(), recipients=recipients)
    return await senders.send(outgoing, [a_notice()], delivery_id=id_of(9))


async def test_each_recipient_gets_its_own(senders: Senders, mailbox: Mailbox) -> None:
    both = ("anna@mail.example", "otto@mail.example")
    assert await _send(senders, *both) == Sent(250, "Told 2 of 2.")
    anna, otto = [await mailbox.arrival(address) for address in both]
    for mail in (anna, otto):
        assert mail.subject == "The task Nightly listing fails in Production"
        assert mail.recipients == [str(mail.message["To"])]
        assert mail.link == f"{SITE}/problems/{id_of(5)}"
        assert "Missing action: ec2:DescribeInstances" in mail.text
        html = mail.message.get_body(("html",))
        assert html is not None
        assert f'href="{SITE}/problems/{id_of(5)}"' in html.get_content()
    assert anna.message["Message-ID"] != otto.message["Message-ID"]


async def test_a_repeat_is_the_same_mail_and_a_problem_one_thread(
    senders: Senders, mailbox: Mailbox
) -> None:
    to = Outgoing(EmailToManagers(), recipients=["thread@mail.example"])
    closed = a_notice(NoticeEvent.PROBLEM_CLOSED, title="Over")
    for number, notice in ((1, a_notice()), (1, a_notice()), (2, closed)):
        await senders.send(to, [notice], delivery_id=id_of(number))
    await mailbox.arrival("thread@mail.example", subject="Over")
    came = [m for m in mailbox.mails() if "thread@mail.example" in m.recipients]
    first, again, over = [str(mail.message["Message-ID"]) for mail in came]
    assert first == again != over
    assert {str(mail.message["References"]) for mail in came} == {
        f"<problem.{id_of(5)}@cloudrota.example>"
    }


async def test_who_is_put_off_is_named_apart_from_who_has_it(
    particular: tuple[Senders, _Particular],
) -> None:
    senders, server = particular
    with pytest.raises(ChannelBusy) as busy:
        await _send(senders, HERE, LATER, NEVER)
    assert busy.value.told == {HERE, NEVER}
    assert busy.value.status == 451
    assert LATER not in busy.value.detail
    assert server.took == [HERE]


async def test_who_never_can_be_reached_holds_nobody_up(
    particular: tuple[Senders, _Particular],
) -> None:
    senders, server = particular
    sent = await _send(senders, NEVER, HERE)
    assert sent.code == 250
    assert sent.detail.startswith("Told 1 of 2. Refused: SMTPRecipientsRefused")
    assert "550" in sent.detail
    assert NEVER not in sent.detail
    assert server.took == [HERE]


async def test_nobody_to_be_told_is_a_refusal(
    particular: tuple[Senders, _Particular],
) -> None:
    senders, _ = particular
    with pytest.raises(ChannelRefused) as refused:
        await _send(senders, NEVER)
    assert refused.value.status == 550
    with pytest.raises(ChannelRefused):
        await _send(senders)


async def test_a_mail_server_that_is_away_is_asked_once(settings: Settings) -> None:
    url = SecretStr(f"smtp://{LOOPBACK}:{free_port()}")
    senders = Senders(settings.model_copy(update={"smtp_url": url}))
    with pytest.raises(MailNotSent):
        await _send(senders, "a@mail.example", "b@mail.example")


@pytest.mark.parametrize(
    "name", ["crlf", "folded", "encoded", "dot", "bidi", "long", "closing", "empty"]
)
async def test_a_hostile_name_arrives_as_text(
    senders: Senders, mailbox: Mailbox, name: str
) -> None:
    address = f"{name}@hostile.example"
    outgoing = Outgoing(EmailToManagers(), recipients=[address])
    await senders.send(outgoing, [hostile(name)], delivery_id=id_of(9))
    mail = await mailbox.arrival(address)
    assert mail.recipients == [address]
    assert mail.message["Bcc"] is None
    assert mail.message["X-Injected"] is None
    assert "\n" not in mail.subject
    assert mail.message.get_content_type() == "multipart/alternative"
