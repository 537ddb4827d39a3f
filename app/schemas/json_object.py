"""JSON of the client's own shape, as far as a database and an answer can hold it."""

import json
from typing import Annotated

from pydantic import AfterValidator, JsonValue
from pydantic_core import PydanticCustomError


def _storable(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """PostgreSQL takes no NUL in a text, no lone surrogate, and no NaN."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError as error:
        raise PydanticCustomError("not_json", "This is no proper JSON") from error
    if "\\u0000" in text.replace("\\\\", ""):
        raise PydanticCustomError("not_json", "A text holds the character NUL")
    return value


JsonObject = Annotated[dict[str, JsonValue], AfterValidator(_storable)]
