"""Notices against what the OpenAPI document says of a webhook's body."""

from collections.abc import Iterable
from typing import Any

from jsonschema_rs import Draft202012Validator
from sqlalchemy.ext.asyncio import AsyncSession

from app.api import webhooks
from app.core.notice import Notice
from app.core.notice_details import DETAILS
from app.models.notice import RecordedNotice
from app.services import notice_facts


async def assert_documented(
    session: AsyncSession, written: Iterable[RecordedNotice]
) -> None:
    """What was written is told in the document's form."""
    for row in written:
        (notice,) = await notice_facts.facts_of(session, [row], public_url="")
        assert problems_of(notice) == []


def problems_of(notice: Notice) -> list[str]:
    """What of the notice is not as it is described; also a member of `detail` that is
    described nowhere."""
    body = notice.model_dump(mode="json")
    entry = webhooks.section()[notice.event.value]
    schema: dict[str, Any] = {
        **entry["post"]["requestBody"]["content"]["application/json"]["schema"],
        "components": {"schemas": webhooks.schemas()},
    }
    found = Draft202012Validator(schema).iter_errors(body)
    unknown = body["detail"].keys() - DETAILS[notice.event].__annotations__.keys()
    return [*(error.message for error in found), *sorted(unknown)]
