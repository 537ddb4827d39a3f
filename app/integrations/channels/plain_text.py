"""A message as plain lines, for mails and for SNS."""

from collections.abc import Iterator

from app.integrations.channels.message import Message


def text_of(message: Message) -> str:
    """All that is known, and the link at the end."""
    return "\n".join(_lines(message)) + "\n"


def _lines(message: Message) -> Iterator[str]:
    yield from (message.title, "")
    yield from message.lines
    yield from message.counts
    if message.items:
        yield ""
    for item in message.items:
        yield f"- {item.title}" + (f" — {item.place}" if item.place else "")
    if message.rest:
        yield message.rest
    if message.facts:
        yield ""
    for fact in message.facts:
        yield f"{fact.name}: {fact.value}"
    yield from ("", message.link, "", f"{message.organization} on Cloudrota")
