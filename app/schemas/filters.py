"""Texts that lists are filtered by."""

from typing import Annotated

from pydantic import StringConstraints

from app.schemas.texts import OneLine

Filter = Annotated[str, StringConstraints(min_length=1, max_length=256), OneLine]
