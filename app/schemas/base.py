"""How every schema behaves: unknown members are refused, rows are read by name."""

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Input(BaseModel):
    """What a client sends. Unknown members are refused; texts are stripped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """What we answer, read from a row or built by name, or read again from an answer
    that was kept."""

    model_config = ConfigDict(
        from_attributes=True, validate_by_alias=True, validate_by_name=True
    )


class PageOf(Output, Generic[Item]):
    """One page; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None


class HistoryOf(PageOf[Item], Generic[Item]):
    """One page of a history that is kept for a time only."""

    purged_until: datetime | None = Field(
        description="What ended before this may have been deleted, as the plan keeps"
        " it for so long. Null: nothing ever was."
    )
