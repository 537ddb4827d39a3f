"""Texts as people type them: one line, without characters that hide or reorder it."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    if _CONTROLS.search(text):
        raise PydanticCustomError(
            "control_character", "Write one line without control characters"
        )
    return text


OneLine = AfterValidator(one_line)

Name = Annotated[str, StringConstraints(min_length=1, max_length=120), OneLine]
# Which names there are, the rules know: app/services/decisions/zones.py.
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64), OneLine]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), OneLine]
