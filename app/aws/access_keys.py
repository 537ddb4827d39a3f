"""When an access key was made, as IAM says it to the key itself."""

from datetime import UTC, datetime
from typing import Any

from app.aws.call import Guard, call
from app.aws.session import TenantSession

ACTION = "iam:ListAccessKeys"


def created_at(
    session: TenantSession, access_key_id: str, *, region: str, guard: Guard
) -> datetime | None:
    """None where IAM does not list the key among those of who asks, of whom nobody has
    more than one page. Raises AWSError."""
    answer: Any = call(
        session,
        service="iam",
        operation="ListAccessKeys",
        region=region,
        guard=guard,
    )
    for key in answer.get("AccessKeyMetadata", ()):
        if key.get("AccessKeyId") == access_key_id and "CreateDate" in key:
            made: datetime = key["CreateDate"]
            return made.astimezone(UTC)
    return None
