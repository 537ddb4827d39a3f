"""E-mail: one mail to each recipient, in HTML and in plain text."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from types import MappingProxyType
from uuid import UUID

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.settings import Settings
from app.integrations import email
from app.integrations.channels.contract import Sent
from app.integrations.channels.message import Item, Message, Tone
from app.integrations.channels.plain_text import text_of
from app.integrations.channels.texts import cut
from app.integrations.email import Mail, MailNotSent
from app.integrations.mail_frame import framed

_SUBJECT = 150  # characters
_TAKEN = 250  # how SMTP says yes
_COLORS: Mapping[Tone, str] = MappingProxyType(
    {
        Tone.CRITICAL: "#b71c1c",
        Tone.ERROR: "#d32f2f",
        Tone.WARNING: "#ed6c02",
        Tone.INFO: "#0288d1",
        Tone.GOOD: "#2e7d32",
    }
)
_BUTTON = '<p><a class="button" href="{link}">Open in Cloudrota</a></p>'
_ROW = '<tr><td class="name">{name}</td><td>{value}</td></tr>'
_ITEM = (
    '<tr><td><span style="color: {color}">●</span> <a href="{link}">{title}</a><br>'
    '<span class="quiet">{place}</span></td></tr>'
)


def html_of(message: Message) -> str:
    """A whole page."""
    foot = (
        f"{message.organization} is told of this by a notification channel. Who is told"
        " of what is set in Cloudrota, under Notifications."
    )
    return framed("\n".join(_inside(message)), color=_COLORS[message.tone], foot=foot)


def _inside(message: Message) -> Iterator[str]:
    yield f"<h1>{escape(message.title)}</h1>"
    for line in message.lines:
        yield f"<p>{escape(line)}</p>"
    if message.counts:
        yield f"<p>{'<br>'.join(escape(count) for count in message.counts)}</p>"
    if message.facts:
        facts = (
            _ROW.format(name=escape(fact.name), value=escape(fact.value))
            for fact in message.facts
        )
        yield f"<table>{''.join(facts)}</table>"
    if message.items:
        yield f"<table>{''.join(map(_item, message.items))}</table>"
    if message.rest:
        yield f'<p class="quiet">{escape(message.rest)}</p>'
    yield _BUTTON.format(link=escape(message.link))


def _item(item: Item) -> str:
    place = f"{item.place} · {item.at}" if item.place else item.at
    return _ITEM.format(
        color=_COLORS[item.tone],
        link=escape(item.link),
        title=escape(item.title),
        place=escape(place),
    )


def mail_of(
    message: Message, to: str, *, delivery_id: UUID, thread: str | None = None
) -> Mail:
    """To one recipient. Sent again, it has the same id, by which readers know it."""
    whose = hashlib.sha256(to.encode()).hexdigest()[:16]
    return Mail(
        to=to,
        subject=cut(message.title, _SUBJECT),
        text=text_of(message),
        html=html_of(message),
        id=f"{delivery_id}.{whose}",
        thread=thread,
    )


async def send(settings: Settings, mails: Sequence[Mail]) -> Sent:
    """Send one after the other. Raises ChannelRefused if nobody can be reached ever,
    ChannelBusy if somebody may be later, and says who has it; MailNotSent if the mail
    server is away and nobody was told."""
    if not mails:
        raise ChannelRefused("There is nobody to be told.")
    told, never = [], []
    late: MailNotSent | None = None
    for mail in mails:
        try:
            await email.send(settings, mail)
        except MailNotSent as failure:
            if failure.is_final:
                never.append((mail.to, failure))
                continue
            late = failure
            if failure.status is None:
                break  # the server itself is away: the others need not wait for it
        else:
            told.append(mail.to)
    if late is not None:
        if not told and not never:
            raise late
        done = [*told, *(address for address, _ in never)]
        raise ChannelBusy(_without(late, mails), status=late.status, told=done)
    if not told:
        _, refusal = never[0]
        raise ChannelRefused(_without(refusal, mails), status=refusal.status)
    refused = "".join(f" Refused: {_without(one, mails)}" for _, one in never)
    return Sent(_TAKEN, f"Told {len(told)} of {len(mails)}.{refused}")


def _without(failure: MailNotSent, mails: Sequence[Mail]) -> str:
    """What the server said, without anybody's address."""
    said = failure.detail
    for mail in mails:
        said = said.replace(mail.to, "***")
    return said
