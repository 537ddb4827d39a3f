"""Slack: one message of blocks. What comes from outside stands in plain texts, which
Slack neither formats nor reads for mentions, and is escaped besides."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from app.integrations.channels.answers import judged
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.json_body import HEADERS, fitted
from app.integrations.channels.message import Message, Tone
from app.integrations.channels.texts import escaped
from app.integrations.outbound import Outbound

MOST_BYTES = 40_000
_HEADER, _SECTION, _FIELD, _FIELDS = 150, 3_000, 2_000, 10  # what a block takes
MARKS: Mapping[Tone, str] = MappingProxyType(
    {
        Tone.CRITICAL: "🔴",
        Tone.ERROR: "🔴",
        Tone.WARNING: "🟠",
        Tone.INFO: "🔵",
        Tone.GOOD: "🟢",
    }
)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def document(message: Message) -> dict[str, Any]:
    """The body of an incoming webhook."""
    headline = f"{MARKS[message.tone]} {message.title}"
    return {
        "text": escaped(headline, _SECTION, _ESCAPES),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [
            {"type": "header", "text": _plain(headline, _HEADER)},
            *_blocks(message),
        ],
    }


def _blocks(message: Message) -> Iterator[dict[str, Any]]:
    if len(message.title) > _HEADER - 5:
        yield _section(message.title)
    if told := [*message.lines, *message.counts]:
        yield _section("\n".join(told))
    if message.facts:
        fields = [
            _plain(f"{fact.name}\n{fact.value}", _FIELD)
            for fact in message.facts[:_FIELDS]
        ]
        yield {"type": "section", "fields": fields}
    for item in message.items:
        place = f"{item.place} · " if item.place else ""
        yield _section(f"{MARKS[item.tone]} {item.title}\n{place}{item.at}")
    if message.rest:
        yield _section(message.rest)
    link = {"type": "mrkdwn", "text": f"<{message.link}|Open in Cloudrota>"}
    below = [_plain(one, _FIELD) for one in [message.organization] if one]
    yield {"type": "context", "elements": [link, *below]}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _plain(text, _SECTION)}


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": escaped(text, most, _ESCAPES), "emoji": False}


async def send(outbound: Outbound, outgoing: Outgoing, message: Message) -> Sent:
    body = fitted(message, document, MOST_BYTES)
    answer = await outbound.post(outgoing.secret, body, HEADERS)
    return judged(answer, outgoing.secrets)
