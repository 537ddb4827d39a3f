"""Opsgenie: alerts of its Alert API, which are made and closed by their alias."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from app.core.channel_errors import ChannelRefused
from app.core.channels import Opsgenie
from app.integrations.channels.answers import judged
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.incidents import Incident, tell
from app.integrations.channels.json_body import HEADERS, body_of, fitted
from app.integrations.channels.message import Message, Tone, place_of
from app.integrations.channels.texts import cut
from app.integrations.outbound import Outbound

URLS: Mapping[str, str] = MappingProxyType(
    {
        "us": "https://api.opsgenie.com/v2/alerts",
        "eu": "https://api.eu.opsgenie.com/v2/alerts",
    }
)
MOST_BYTES = 100_000
_MESSAGE, _DESCRIPTION, _ALIAS, _TAG = 130, 15_000, 512, 50
_KEY = re.compile(r"[\x21-\x7e]{1,200}")  # what can stand in a header
_PRIORITIES: Mapping[Tone, str] = MappingProxyType(
    {
        Tone.CRITICAL: "P1",
        Tone.ERROR: "P2",
        Tone.WARNING: "P3",
        Tone.INFO: "P5",
        Tone.GOOD: "P5",
    }
)


def document(incident: Incident, message: Message) -> dict[str, Any]:
    """A new alert."""
    notice = incident.notice
    return {
        "message": cut(message.title, _MESSAGE),
        "alias": cut(incident.key, _ALIAS),
        "description": cut(_description(message), _DESCRIPTION),
        "details": {fact.name: fact.value for fact in message.facts},
        "entity": place_of(notice.account if notice else None) or "Cloudrota",
        "source": "Cloudrota",
        "tags": [notice.event.value if notice else "digest"],
        "priority": _PRIORITIES[message.tone],
    }


def _description(message: Message) -> str:
    items = (f"{item.title} — {item.place} {item.at}" for item in message.items)
    said = (message.title, *message.lines, *message.counts, *items, message.rest)
    return "\n".join([*filter(None, said), message.organization, message.link])


async def send(
    outbound: Outbound,
    to: Opsgenie,
    outgoing: Outgoing,
    incidents: Sequence[Incident],
) -> Sent:
    """Make or close one alert after the other. A repeat is harmless: each has an alias
    that Opsgenie knows it by. Raises as `incidents.tell`."""
    if _KEY.fullmatch(outgoing.secret) is None:
        raise ChannelRefused("The key is none: it has characters that no header takes.")
    headers = {**HEADERS, "Authorization": f"GenieKey {outgoing.secret}"}

    async def post(incident: Incident) -> Sent:
        url, body = _request(URLS[to.region], incident)
        answer = await outbound.post(url, body, headers)
        return judged(answer, outgoing.secrets)

    return await tell(incidents, outgoing.told, post)


def _request(url: str, incident: Incident) -> tuple[str, bytes]:
    message = incident.message
    if incident.is_over:
        alias = quote(cut(incident.key, _ALIAS), safe="")
        closing = {"source": "Cloudrota", "note": message.title}
        return f"{url}/{alias}/close?identifierType=alias", body_of(closing)
    body = fitted(message, partial(document, incident), MOST_BYTES)
    return url, body
