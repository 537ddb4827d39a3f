"""Amazon SNS: a subject and a text to a topic of the tenant's own, or a short text to a
telephone. How AWS is asked is the business of app/aws."""

import unicodedata
from uuid import UUID

from app.core.channels import SnsText, SnsTopic
from app.integrations.channels.contract import Outgoing, Sent
from app.integrations.channels.message import Message
from app.integrations.channels.plain_text import text_of
from app.integrations.channels.texts import cut

_SUBJECT = 100  # characters of ASCII
_TEXT = 60_000  # characters: SNS takes 256 KiB, and a character is 4 bytes at most
_TAKEN = 200  # the only status with which it answers that
_SHORT = 300  # characters: two messages in the alphabet of telephones, five in others


def subject(message: Message) -> str:
    """In ASCII; what has no likeness there shows as `?`."""
    likeness = unicodedata.normalize("NFKD", f"Cloudrota: {message.title}")
    bare = "".join(one for one in likeness if not unicodedata.combining(one))
    plain = bare.replace("…", "...").replace("—", "-")
    text = plain.encode("ascii", "replace").decode()
    return text if len(text) <= _SUBJECT else text[: _SUBJECT - 3].rstrip() + "..."


def short_text(message: Message) -> str:
    """For a telephone: what happened, and where to look."""
    room = _SHORT - len(message.link) - 1
    return f"{cut(f'Cloudrota: {message.title}', max(room, 20))} {message.link}"


async def send(
    to: SnsTopic | SnsText, outgoing: Outgoing, message: Message, *, delivery_id: UUID
) -> Sent:
    if outgoing.aws is None:
        raise ValueError("SNS is asked with the tenant's own credentials")
    is_short = isinstance(to, SnsText)
    id = await outgoing.aws.publish(
        subject=subject(message),
        text=short_text(message) if is_short else cut(text_of(message), _TEXT),
        deduplication_id=str(delivery_id),
    )
    return Sent(_TAKEN, f"SNS took it as {id}.")
