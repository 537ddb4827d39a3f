"""Webhooks: the receiver can check who wrote, reads the notice, and is believed."""

import base64
import hashlib
import hmac
from datetime import timedelta
from email.utils import format_datetime

import pytest

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.clock import now
from app.core.notice import Notice
from app.core.secret import Secret
from app.integrations.channels.contract import Outgoing, Sent, Webhook
from app.integrations.channels.registry import Senders
from tests.attack.receivers import Asked, Receiver, says
from tests.integrations.channels.notices import a_notice, id_of

NEW = Secret("whsec_" + base64.b64encode(b"n" * 32).decode())
OLD = Secret("whsec_" + base64.b64encode(b"o" * 32).decode())
DELIVERY = id_of(9)


async def _send(senders: Senders, hooks: Receiver, *secrets: Secret) -> Sent:
    to = Webhook("https://hooks.example/in?a=1")
    outgoing = Outgoing(to, secrets=secrets or (NEW,))
    return await senders.send(outgoing, [a_notice()], delivery_id=DELIVERY)


def _signed(secret: Secret, asked: Asked) -> str:
    """As a receiver reckons it."""
    key = base64.b64decode(secret.reveal().removeprefix("whsec_"))
    said = f"{asked.header('webhook-id')}.{asked.header('webhook-timestamp')}."
    digest = hmac.new(key, said.encode() + asked.body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


async def test_the_body_is_the_notice(senders: Senders, hooks: Receiver) -> None:
    sent = await _send(senders, hooks)
    assert sent == Sent(200, "200: {}")
    [asked] = hooks.asked
    assert asked.head.startswith("POST /in?a=1 ")
    assert asked.header("content-type") == "application/json"
    assert Notice.model_validate_json(asked.body) == a_notice()


async def test_each_secret_signs_and_the_delivery_is_the_id(
    senders: Senders, hooks: Receiver
) -> None:
    await _send(senders, hooks, NEW, OLD)
    [asked] = hooks.asked
    assert asked.header("webhook-id") == str(DELIVERY)
    seconds = int(asked.header("webhook-timestamp") or 0)
    assert abs(now().timestamp() - seconds) < 60
    expected = f"{_signed(NEW, asked)} {_signed(OLD, asked)}"
    assert asked.header("webhook-signature") == expected


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 422])
async def test_a_refusal_or_a_redirect_is_for_good(
    senders: Senders, hooks: Receiver, status: int
) -> None:
    hooks.reply = says(f"{status} No", b"gone\r\naway", "Location: https://a.example/")
    with pytest.raises(ChannelRefused) as refused:
        await _send(senders, hooks)
    assert refused.value.status == status
    assert refused.value.detail == f"It answered {status}: gone away"
    assert len(hooks.asked) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 599])
async def test_what_may_pass_is_tried_later(
    senders: Senders, hooks: Receiver, status: int
) -> None:
    hooks.reply = says(f"{status} No", b"", "Retry-After: 17")
    with pytest.raises(ChannelBusy) as busy:
        await _send(senders, hooks)
    assert (busy.value.status, busy.value.retry_after) == (status, 17)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("0.35", 1),
        ("0", 0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("999999999", 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2015 07:28:00", None),
        ("Wed, 99 Oct 99999 07:28:00 GMT", None),
    ],
    ids=ascii,
)
async def test_retry_after_is_read_warily(
    senders: Senders, hooks: Receiver, header: str, expected: int | None
) -> None:
    hooks.reply = says("429 No", b"", f"Retry-After: {header}")
    with pytest.raises(ChannelBusy) as busy:
        await _send(senders, hooks)
    assert busy.value.retry_after == expected


async def test_retry_after_may_be_an_instant(senders: Senders, hooks: Receiver) -> None:
    at = format_datetime(now() + timedelta(seconds=90), usegmt=True)
    hooks.reply = says("503 No", b"", f"Retry-After: {at}")
    with pytest.raises(ChannelBusy) as busy:
        await _send(senders, hooks)
    assert 60 < (busy.value.retry_after or 0) <= 91


async def test_what_was_said_is_kept_short_and_without_secrets(
    senders: Senders, hooks: Receiver
) -> None:
    echo = f"your key \u202e{NEW.reveal()}\x1b[31m is bad ".encode() + b"x" * 900
    hooks.reply = says("400 Bad", echo)
    with pytest.raises(ChannelRefused) as refused:
        await _send(senders, hooks)
    detail = refused.value.detail
    assert detail.startswith("It answered 400: your key *** [31m is bad xxx")
    assert detail.endswith("x…")
    assert len(detail) < 250


async def test_a_digest_is_no_webhook(senders: Senders, hooks: Receiver) -> None:
    to = Outgoing(Webhook("https://hooks.example/"), secrets=(NEW,))
    with pytest.raises(ValueError, match="too many values"):
        await senders.send(to, [a_notice(), a_notice()], delivery_id=DELIVERY)
    assert hooks.asked == []


def test_nothing_secret_shows() -> None:
    assert "whsec" not in repr(Outgoing(Webhook("https://a.example/"), secrets=(NEW,)))
