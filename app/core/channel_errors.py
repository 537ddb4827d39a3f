"""Why a channel did not take what it was told: for good, or for now."""

from collections.abc import Iterable

from app.core.errors import Conflict, Unavailable


class ChannelRefused(Conflict):
    """It will not take this however often it is sent. `status` is the code of its
    answer, where it gave one."""

    code = "channel-refused"
    title = "The channel refuses what it is told"

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(detail)
        self.status = status


class ChannelBusy(Unavailable):
    """It may take it later: after `retry_after` seconds, where it said so. `told` are
    the recipients of a mail, or the incidents, that have been told already and are to
    be left out then."""

    code = "channel-busy"
    title = "The channel does not take it now"

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        retry_after: int | None = None,
        told: Iterable[str] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.retry_after = retry_after
        self.told = frozenset(told)
