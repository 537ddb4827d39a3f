"""Signatures of messages, as receivers' libraries for Standard Webhooks check them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.secret import Secret
from app.integrations.outbound_signature import signed_headers

# The specification's own example.
SECRET = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_signs_as_the_specification_does() -> None:
    headers = signed_headers([SECRET], message_id=ID, at=AT, body=BODY)
    assert headers == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "msg_other"},
        {"at": datetime.fromtimestamp(1614265331, UTC)},
        {"body": BODY + b" "},
    ],
)
def test_each_part_is_signed(change: dict[str, Any]) -> None:
    parts: dict[str, Any] = {"message_id": ID, "at": AT, "body": BODY, **change}
    headers = signed_headers([SECRET], **parts)
    assert headers["webhook-signature"] != SIGNATURE


def test_while_a_secret_is_changed_both_sign() -> None:
    new = Secret("whsec_" + "bmV3IHNlY3JldCBvZiAzMiBieXRlcy4uLg==")
    headers = signed_headers([new, SECRET], message_id=ID, at=AT, body=BODY)
    first, second = headers["webhook-signature"].split(" ")
    assert second == SIGNATURE != first
