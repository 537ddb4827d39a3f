"""What the answer of a channel means: taken, refused for good, or not now."""

from collections.abc import Sequence

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.secret import Secret
from app.integrations.channels.contract import Sent
from app.integrations.channels.texts import one_line
from app.integrations.outbound import Answer

_LATER = frozenset({408, 429})
_MOST_SAID = 200  # characters of an answer that are kept
_SERVERS_FAULT = 500


def judged(answer: Answer, secrets: Sequence[Secret] = ()) -> Sent:
    """What was sent, if it was taken. Raises ChannelRefused or ChannelBusy with the
    beginning of what was said, in which a secret is made unreadable."""
    said = answer.body.decode(errors="replace")
    for secret in secrets:
        said = said.replace(secret.reveal(), "***")
    words = one_line(said, _MOST_SAID)
    detail = f"{answer.status}: {words}" if words else f"{answer.status}"
    if answer.is_accepted:
        return Sent(answer.status, detail)
    if is_for_later(answer.status):
        raise ChannelBusy(
            f"It answered {detail}",
            status=answer.status,
            retry_after=answer.retry_after,
        )
    raise ChannelRefused(f"It answered {detail}", status=answer.status)


def is_for_later(status: int) -> bool:
    """Whether what was refused with this status may be taken later."""
    return status in _LATER or status >= _SERVERS_FAULT
