"""PagerDuty: events of its Events API v2, which trigger an incident or resolve it."""

from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from app.core.channels import PagerDuty
from app.integrations.channels.answers import judged
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.incidents import Incident, tell
from app.integrations.channels.json_body import HEADERS, fitted
from app.integrations.channels.message import Message, Tone, place_of
from app.integrations.channels.texts import cut
from app.integrations.outbound import Outbound

URLS: Mapping[str, str] = MappingProxyType(
    {
        "us": "https://events.pagerduty.com/v2/enqueue",
        "eu": "https://events.eu.pagerduty.com/v2/enqueue",
    }
)
MOST_BYTES = 500_000
_SUMMARY, _KEY = 1_024, 255
_SEVERITIES: Mapping[Tone, str] = MappingProxyType(
    {
        Tone.CRITICAL: "critical",
        Tone.ERROR: "error",
        Tone.WARNING: "warning",
        Tone.INFO: "info",
        Tone.GOOD: "info",
    }
)


def document(incident: Incident, key: str, message: Message) -> dict[str, Any]:
    """One event; `key` is the routing key of the integration."""
    said = {"routing_key": key, "dedup_key": cut(incident.key, _KEY)}
    if incident.is_over:
        return {**said, "event_action": "resolve"}
    notice = incident.notice
    return {
        **said,
        "event_action": "trigger",
        "client": "Cloudrota",
        "client_url": message.link,
        "links": [{"href": message.link, "text": "Open in Cloudrota"}],
        "payload": {
            "summary": cut(message.title, _SUMMARY),
            "source": place_of(notice.account if notice else None) or "Cloudrota",
            "severity": _SEVERITIES[message.tone],
            "timestamp": message.at.isoformat(),
            "class": notice.event.value if notice else "digest",
            "custom_details": _details(message),
        },
    }


def _details(message: Message) -> dict[str, Any]:
    known: dict[str, Any] = {fact.name: fact.value for fact in message.facts}
    known["Organization"] = message.organization
    if message.lines:
        known["What is known"] = [*message.lines]
    if message.is_digest:
        known["Counts"] = [*message.counts]
        shown = [f"{item.title} — {item.place} {item.at}" for item in message.items]
        known["Notices"] = [*shown, *filter(None, [message.rest])]
    return known


async def send(
    outbound: Outbound,
    to: PagerDuty,
    outgoing: Outgoing,
    incidents: Sequence[Incident],
) -> Sent:
    """Send one event after the other. A repeat is harmless: each has a key that
    PagerDuty knows it by. Raises as `incidents.tell`."""
    key = outgoing.secret

    async def post(incident: Incident) -> Sent:
        of_this = partial(document, incident, key)
        body = fitted(incident.message, of_this, MOST_BYTES)
        answer = await outbound.post(URLS[to.region], body, HEADERS)
        return judged(answer, outgoing.secrets)

    return await tell(incidents, outgoing.told, post)
