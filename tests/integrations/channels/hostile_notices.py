"""Notices whose every text is a hostile one."""

from collections.abc import Sequence

import pytest

from app.core.notice import Named, NotedAccount, NotedError, Notice, NoticeEvent
from tests.hostile.corpus import TEXTS
from tests.integrations.channels.notices import SITE, a_notice, id_of

EACH = pytest.mark.parametrize("name", TEXTS)


def hostile(name: str, event: NoticeEvent = NoticeEvent.PROBLEM_OPENED) -> Notice:
    text = TEXTS[name]
    return a_notice(
        event,
        title=text[:300],
        lines=(text,) * 12,
        organization=Named(id=id_of(2), name=text),
        account=NotedAccount(id=id_of(3), number=text, name=text),
        task=Named(id=id_of(4), name=text),
        services=(text, text),
        link=f"{SITE}/{text}",
        error=NotedError(
            category=text,
            code=text,
            message=text,
            service=text,
            operation=text,
            region=text,
            request_id=text,
            missing_action=text,
            advice=text,
        ),
        detail={"channel_id": text, "text": text},
    )


def digest(name: str) -> Sequence[Notice]:
    """Of many incidents, so that also those who wake people get them as one."""
    events = [NoticeEvent.PROBLEM_OPENED, NoticeEvent.EXECUTION_FAILED]
    return [
        hostile(name, event).model_copy(update={"problem_id": id_of(100 + number)})
        for number in range(15)
        for event in events
    ]
