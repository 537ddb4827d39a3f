"""Microsoft Teams: one Adaptive Card. What comes from outside stands in text runs,
which, unlike text blocks, know no Markdown."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.integrations.channels.answers import is_for_later, judged
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.json_body import HEADERS, fitted
from app.integrations.channels.message import Message, Tone
from app.integrations.outbound import Answer, Outbound

MOST_BYTES = 28_000
_COLORS: Mapping[Tone, str] = MappingProxyType(
    {
        Tone.CRITICAL: "Attention",
        Tone.ERROR: "Attention",
        Tone.WARNING: "Warning",
        Tone.INFO: "Accent",
        Tone.GOOD: "Good",
    }
)
# Said with status 200 by the older kind of webhook when Teams itself took nothing.
_NOT_DELIVERED = re.compile(r"delivery failed.{0,200}?HTTP error (\d{3})", re.DOTALL)


def document(message: Message) -> dict[str, Any]:
    """The body of a webhook of Teams or of its workflows."""
    link = {
        "type": "Action.OpenUrl",
        "title": "Open in Cloudrota",
        "url": message.link,
    }
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [*_body(message)],
        "actions": [link],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def _body(message: Message) -> Iterator[dict[str, Any]]:
    title = {"weight": "Bolder", "size": "Medium", "color": _COLORS[message.tone]}
    yield _text(_run(message.title, **title))
    for line in (*message.lines, *message.counts):
        yield _text(_run(line))
    for fact in message.facts:
        yield _text(_run(f"{fact.name}: ", weight="Bolder"), _run(fact.value))
    for item in message.items:
        place = f"{item.place} · " if item.place else ""
        yield _text(
            _run(item.title, color=_COLORS[item.tone]),
            _run(f" — {place}{item.at}", isSubtle=True),
        )
    if message.rest:
        yield _text(_run(message.rest))
    yield _text(_run(message.organization, isSubtle=True, size="Small"))


def _text(*runs: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [*runs]}


def _run(text: str, **looks: str | bool) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **looks}


async def send(outbound: Outbound, outgoing: Outgoing, message: Message) -> Sent:
    body = fitted(message, document, MOST_BYTES)
    answer = await outbound.post(outgoing.secret, body, HEADERS)
    sent = judged(answer, outgoing.secrets)
    _believed(answer)
    return sent


def _believed(answer: Answer) -> None:
    """Raises ChannelRefused or ChannelBusy where a success was none."""
    found = _NOT_DELIVERED.search(answer.body.decode(errors="replace"))
    if found is None:
        return
    status = int(found[1])
    detail = f"It answered {answer.status}, and that Teams had answered {status}."
    if is_for_later(status):
        raise ChannelBusy(detail, status=status)
    raise ChannelRefused(detail, status=status)
