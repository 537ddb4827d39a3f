"""Instants as people write them: with their zone, and such that they are one in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError


def _in_utc(instant: datetime) -> datetime:
    """The first and the last day there are have hours that are in no year of UTC's."""
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError(
            "out_of_range", "Write a day within the years 1 to 9999"
        ) from error


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
