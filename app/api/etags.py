"""`ETag` on what can be edited, and `If-Match` on the edits (RFC 9110)."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Response

from app.services.editing import Tags

# Bare numbers are the versions of tasks, which are their tags.
_FORM = r'^(\*|[1-9][0-9]{0,8}|(W/)?"[!#-~]{1,64}"( ?, ?(W/)?"[!#-~]{1,64}"){0,9})$'
_TAG = re.compile(r'(W/)?"([!#-~]{1,64})"')

TAGGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {
                "description": "What people can edit, as one word: for `If-Match`.",
                "schema": {"type": "string"},
            }
        }
    }
}


async def _if_match(
    if_match: Annotated[
        str | None,
        Header(
            max_length=700,
            pattern=_FORM,
            description="The `ETag` that was read: if another editor came first,"
            " nothing is changed and the answer is 412.",
        ),
    ] = None,
) -> Tags:
    """A weak tag is never the same as another."""
    if if_match is None:
        return None
    strong = {tag for weak, tag in _TAG.findall(if_match) if not weak}
    return frozenset(strong or {if_match})


IfMatch = Annotated[Tags, Depends(_if_match)]


async def _etag(response: Response) -> Callable[[str], None]:
    def put(tag: str) -> None:
        response.headers["ETag"] = f'"{tag}"'

    return put


ETag = Annotated[Callable[[str], None], Depends(_etag)]
