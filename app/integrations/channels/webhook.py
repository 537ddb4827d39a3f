"""Webhooks of customers: the notice itself as JSON, signed by Standard Webhooks."""

from collections.abc import Sequence
from uuid import UUID

from app.core.clock import now
from app.core.notice import Notice
from app.core.secret import Secret
from app.integrations.channels.answers import judged
from app.integrations.channels.contract import Sent, Webhook
from app.integrations.outbound import Outbound
from app.integrations.outbound_signature import signed_headers


async def send(
    outbound: Outbound,
    to: Webhook,
    notice: Notice,
    *,
    secrets: Sequence[Secret],
    delivery_id: UUID,
) -> Sent:
    """Send it once. The id of a delivery is the same each time it is tried, so that the
    receiver knows a repeat."""
    body = notice.model_dump_json().encode()
    headers = signed_headers(secrets, message_id=str(delivery_id), at=now(), body=body)
    answer = await outbound.post(
        to.url, body, {"Content-Type": "application/json", **headers}
    )
    return judged(answer, secrets)
