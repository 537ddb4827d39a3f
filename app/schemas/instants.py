"""Instants as people write them: with their zone, and such that they are one in UTC."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_NUMBER = re.compile(r"[\s\deE.+-]*")


def _as_written(value: Any) -> Any:
    """Or `2026` were an hour of 1970: numbers are taken for seconds since then."""
    if isinstance(value, int | float) or _NUMBER.fullmatch(str(value)):
        raise PydanticCustomError("datetime_type", "Write it as 2030-01-31T09:00:00Z")
    return value


def _in_utc(instant: datetime) -> datetime:
    """The first and the last day there are have hours that are in no year of UTC's."""
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError(
            "out_of_range", "Write a day within the years 1 to 9999"
        ) from error


Instant = Annotated[
    AwareDatetime, BeforeValidator(_as_written), AfterValidator(_in_utc)
]
