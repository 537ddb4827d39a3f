"""Takes the ends of audit chains out of the database: into the store of files and to
the owners. A chain that does not have them any more was tampered with."""

import json
from dataclasses import dataclass
from datetime import date
from html import escape
from io import BytesIO
from uuid import UUID

import structlog
from anyio import to_thread
from sqlalchemy import func, or_, select

from app.core.db import Database, Login
from app.core.permissions import Role
from app.core.settings import Settings
from app.core.storage import ObjectStorage
from app.integrations.email import Mail
from app.integrations.mail_frame import framed
from app.models.audit import AuditHead
from app.models.organization import Member
from app.models.user import User
from app.services import mail_rounds

log = structlog.get_logger(__name__)

_SUBJECT = "The end of your audit log on {day}"
_TEXT = """\
Keep this mail. It holds the end of your organization's audit log on {day}:

{line}

Every event until then is in this number. If the log is changed afterwards, or its end
is cut off, it does not fit any more. How to check it: {link}
"""
_HTML = """\
<p>Keep this mail. It holds the end of your organization's audit log on {day}:</p>
<pre style="white-space: pre-wrap">{line}</pre>
<p>Every event until then is in this number. If the log is changed afterwards, or its
end is cut off, it does not fit any more. <a href="{link}">How to check it</a></p>
"""


@dataclass(frozen=True, slots=True)
class Head:
    organization_id: UUID
    day: date
    seq: int
    hash: bytes

    @property
    def line(self) -> str:
        """One line of JSON, as `cloudrota verify-audit --heads` reads it."""
        return json.dumps(
            {
                "organization_id": str(self.organization_id),
                "seq": self.seq,
                "hash": self.hash.hex(),
                "day": self.day.isoformat(),
            }
        )

    @property
    def key(self) -> str:
        return f"{self.organization_id}/audit-heads/{self.day}.json"


def read_line(text: str) -> Head:
    """Of a file that was kept. Raises ValueError."""
    try:
        said = json.loads(text)
        return Head(
            UUID(said["organization_id"]),
            date.fromisoformat(said["day"]),
            int(said["seq"]),
            bytes.fromhex(said["hash"]),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"not a head of an audit log: {text[:200]!r}") from error


async def store(
    database: Database, kept: ObjectStorage, organization_id: UUID, head_id: UUID
) -> None:
    """Put the head where the files are, and say it in the log; again is as good as
    once. Raises StorageAway."""
    head, _ = await _look(database, organization_id, head_id)
    log.info(
        "audit.head",
        organization_id=str(organization_id),
        day=head.day.isoformat(),
        seq=head.seq,
        hash=head.hash.hex(),
    )
    file = BytesIO(head.line.encode() + b"\n")
    await to_thread.run_sync(kept.put, head.key, file)


async def mail(
    database: Database,
    settings: Settings,
    organization_id: UUID,
    head_id: UUID,
    *,
    message_id: UUID,
) -> None:
    """Send the head to each owner whose address is verified, where mails are sent at
    all. Raises MailNotSent if one of them was not told."""
    if settings.smtp_url is None:
        return
    head, owners = await _look(database, organization_id, head_id)
    link = f"{settings.public_url}/audit-log"
    words = {"day": head.day, "link": escape(link)}
    mails = {
        user_id: Mail(
            to=address,
            subject=_SUBJECT.format(day=head.day),
            text=_TEXT.format(day=head.day, link=link, line=head.line),
            html=framed(_HTML.format(line=escape(head.line), **words)),
        )
        for user_id, address in owners.items()
    }
    await mail_rounds.send(database, settings, message_id, mails)


async def _look(
    database: Database, organization_id: UUID, head_id: UUID
) -> tuple[Head, dict[UUID, str]]:
    """The head, and the addresses of those who own the organization now."""
    noted = select(AuditHead).where(
        AuditHead.organization_id == organization_id, AuditHead.id == head_id
    )
    owners = (
        select(User.id, User.email)
        .join(Member, Member.user_id == User.id)
        .where(
            Member.organization_id == organization_id,
            Member.role == Role.OWNER,
            Member.removed_at.is_(None),
            or_(Member.expires_at.is_(None), Member.expires_at > func.app_now()),
            User.disabled_at.is_(None),
            User.email_verified_at.is_not(None),
        )
        .order_by(User.id)
    )
    async with database.unit_of_work(
        Login.WORKER, organization_id=organization_id, actor="outbox"
    ) as session:
        row = (await session.scalars(noted)).one()
        addresses = {one.id: one.email for one in await session.execute(owners)}
    return Head(organization_id, row.day, row.seq, row.hash), addresses
