"""What a service that wakes people is told: an incident begins, or it is over. Both
carry one key, so that the same trouble is one incident however often it is told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.channel_errors import ChannelBusy, ChannelRefused
from app.core.clock import monotonic
from app.core.errors import Unavailable
from app.core.notice import Notice, NoticeEvent
from app.integrations.channels.contract import Sent
from app.integrations.channels.message import RELIEVED, Message, message_of

_SINGLY = 10  # incidents of a digest that begin one by one; more are one together
_MOST_ENDS = 100
# After so many seconds no other incident is begun: what is left is for the next turn.
_TURN = 20

_OF_EXECUTIONS = frozenset(
    {
        NoticeEvent.EXECUTION_FAILED,
        NoticeEvent.EXECUTION_INTERRUPTED,
        NoticeEvent.EXECUTION_SUCCEEDED,
        NoticeEvent.EXECUTION_RECOVERED,
    }
)
_OF_HEALTH = frozenset({NoticeEvent.HEALTH_DEGRADED, NoticeEvent.HEALTH_RECOVERED})
_OF_CREDENTIALS = frozenset(
    {NoticeEvent.CREDENTIALS_INVALID, NoticeEvent.CREDENTIALS_RECOVERED}
)
_OF_CHANNELS = frozenset({NoticeEvent.CHANNEL_FAILING, NoticeEvent.CHANNEL_RECOVERED})


@dataclass(frozen=True, slots=True)
class Incident:
    """It begins with `message`, or is over. `notice` is None of a digest."""

    key: str
    is_over: bool
    message: Message
    notice: Notice | None

    @property
    def name(self) -> str:
        """What it is known by among those of one message."""
        return f"{'over' if self.is_over else 'begun'}:{self.key}"


async def tell(
    incidents: Sequence[Incident],
    told: frozenset[str],
    post: Callable[[Incident], Awaitable[Sent]],
) -> Sent:
    """Tell of one after the other but for those that were `told`, by their names.

    One that is refused does not keep the next from being told. Raises ChannelRefused
    where one was, and ChannelBusy with what is told by now: where the service does not
    take the next one, and where many take longer than one turn.
    """
    begun, done, refused = monotonic(), told, list[ChannelRefused]()
    sent = Sent(None, "There was nothing to tell.")
    for incident in incidents:
        if incident.name in done:
            continue
        if done - told and monotonic() - begun > _TURN:
            said = f"{len(done)} of {len(incidents)} are told."
            raise ChannelBusy(said, retry_after=0, told=done)
        try:
            sent = await post(incident)
        except ChannelBusy as busy:
            busy.told = done
            raise
        except Unavailable as error:
            raise ChannelBusy(str(error), told=done) from error
        except ChannelRefused as error:
            if not done:
                raise
            refused.append(error)
        else:
            done |= {incident.name}
    if refused:
        said = f"{len(refused)} of {len(incidents)} were refused. {refused[-1]}"
        raise ChannelRefused(said, status=refused[-1].status)
    return sent


def incidents_of(
    notices: Sequence[Notice], site: str, *, delivery_id: UUID
) -> list[Incident]:
    """What is to be said, in order.

    Of the notices with one key the last counts; where the first began the incident and
    the last ended it, nothing need be said. Incidents end one by one. Many that begin
    are one, of which `delivery_id` is the key, and which ends by hand.
    """
    if len(notices) == 1 and notices[0].event is NoticeEvent.TEST:
        return _test(notices[0], site, delivery_id)
    by_key: dict[str, list[Notice]] = {}
    for notice in notices:
        by_key.setdefault(_key(notice), []).append(notice)
    is_alone = len(notices) == 1
    ended = [
        (key, told[-1])
        for key, told in by_key.items()
        if _is_end(told[-1]) and (is_alone or _is_end(told[0]))
    ]
    begun = [(key, told[-1]) for key, told in by_key.items() if not _is_end(told[-1])]
    over = [_incident(key, notice, site) for key, notice in ended[-_MOST_ENDS:]]
    if len(begun) <= _SINGLY:
        return [*over, *(_incident(key, notice, site) for key, notice in begun)]
    together = message_of([notice for _, notice in begun], site)
    return [*over, Incident(f"digest:{delivery_id}", False, together, None)]  # noqa: FBT003 — it begins


def _incident(key: str, notice: Notice, site: str) -> Incident:
    return Incident(key, _is_end(notice), message_of([notice], site), notice)


def _test(notice: Notice, site: str, delivery_id: UUID) -> list[Incident]:
    """It begins and is over at once, so that nobody is woken for long."""
    key, message = f"test:{delivery_id}", message_of([notice], site)
    return [Incident(key, is_over, message, notice) for is_over in (False, True)]


def _is_end(notice: Notice) -> bool:
    return notice.event in RELIEVED


def _key(notice: Notice) -> str:
    """What the notice is about, the same when it begins and when it is over."""
    event = notice.event
    account = notice.account.id if notice.account else ""
    task = notice.task.id if notice.task else ""
    if notice.problem_id is not None:
        return f"problem:{notice.problem_id}"
    if event in _OF_EXECUTIONS and task:
        return f"task:{task}:{account}"
    if event in _OF_HEALTH:
        return f"health:{task}:{account}"
    if event in _OF_CHANNELS and (channel := _id(notice.detail.get("recipient_id"))):
        return f"channel:{channel}"
    if event in _OF_CREDENTIALS and (id := _id(notice.detail.get("credentials_id"))):
        return f"credentials:{id}"
    return f"notice:{notice.id}"


def _id(said: object) -> UUID | None:
    try:
        return UUID(str(said))
    except ValueError:
        return None
