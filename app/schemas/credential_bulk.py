"""Many roles to connect in one request, and what became of each."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue, WithJsonSchema

from app.schemas.base import Input, Output
from app.schemas.problem import FieldProblem

MOST_CONNECTED = 300

_ITEM: dict[str, Any] = {
    "title": "Role",
    "description": "`name`, `role_arn` and, if it is not `read`, `purpose`, each as in"
    " `POST /aws-credentials`. What is wrong with an item is in its outcome and no"
    " reason to refuse the request, so that anything is taken here.",
}
_ROLE = "arn:aws:iam::{}:role/Cloudrota"


class BulkConnect(Input):
    """Roles, such as one StackSet made in many accounts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {"name": "Production", "role_arn": _ROLE.format("123456789012")},
                    {"name": "Staging", "role_arn": _ROLE.format("210987654321")},
                ]
            }
        }
    )

    items: list[Annotated[JsonValue, WithJsonSchema(_ITEM)]] = Field(
        min_length=1, max_length=MOST_CONNECTED
    )


class BulkItem(Output):
    """What became of the item at `index`. `connected`: it is new and will be verified.
    `already_connected`: a connection by this role for this purpose was there before, or
    is an earlier item's. `refused`: `errors` say why, with pointers into the request;
    nothing of the item was kept."""

    index: int
    outcome: Literal["connected", "already_connected", "refused"]
    credentials_id: UUID | None
    aws_account_id: UUID | None
    errors: list[FieldProblem]

    @classmethod
    def refused(cls, index: int, errors: list[FieldProblem]) -> "BulkItem":
        return cls(
            index=index,
            outcome="refused",
            credentials_id=None,
            aws_account_id=None,
            errors=errors,
        )


class BulkConnected(Output):
    """One outcome for each item, in the order of the request."""

    items: list[BulkItem]
