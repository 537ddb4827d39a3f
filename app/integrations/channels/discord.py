"""Discord: one embed. Every sign of what comes from outside is escaped, and nobody is
mentioned, whatever is written."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from app.integrations.channels.answers import judged
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.json_body import HEADERS, fitted
from app.integrations.channels.message import Message, Tone
from app.integrations.channels.texts import cut, escaped
from app.integrations.outbound import Outbound

MOST_BYTES = 24_000
# Characters: of each part, and of all together 6,000.
_TITLE, _DESCRIPTION, _LINE, _VALUE, _FOOTER = 256, 3_000, 1_000, 250, 250
_COLORS: Mapping[Tone, int] = MappingProxyType(
    {
        Tone.CRITICAL: 0xB71C1C,
        Tone.ERROR: 0xD32F2F,
        Tone.WARNING: 0xED6C02,
        Tone.INFO: 0x0288D1,
        Tone.GOOD: 0x2E7D32,
    }
)
# Signs of its Markdown, of mentions, and of what it makes links or emoji of.
_ESCAPES = {sign: f"\\{sign}" for sign in "\\*_~`|<>[]()#@:+-.!"}


def document(message: Message) -> dict[str, Any]:
    """The body of a webhook."""
    embed = {
        "title": escaped(message.title, _TITLE, _ESCAPES),
        "description": _description(message),
        "url": message.link,
        "color": _COLORS[message.tone],
        "fields": [
            {"name": fact.name, "value": escaped(fact.value, _VALUE, _ESCAPES)}
            for fact in message.facts
        ],
        "footer": {"text": cut(message.organization, _FOOTER)},
        "timestamp": message.at.isoformat(),
    }
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _description(message: Message) -> str:
    """All that is said in lines, or as much of it as fits."""
    one: Message | None = message
    while one is not None:
        text = "\n".join(escaped(line, _LINE, _ESCAPES) for line in _lines(one))
        if len(text) <= _DESCRIPTION:
            return text
        one = one.shrunk()
    return ""


def _lines(message: Message) -> Iterator[str]:
    yield from message.lines
    yield from message.counts
    for item in message.items:
        yield f"{item.title} — {item.place}" if item.place else item.title
    if message.rest:
        yield message.rest


async def send(outbound: Outbound, outgoing: Outgoing, message: Message) -> Sent:
    body = fitted(message, document, MOST_BYTES)
    answer = await outbound.post(outgoing.secret, body, HEADERS)
    return judged(answer, outgoing.secrets)
