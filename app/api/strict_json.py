"""Refuses bodies that two readers would read differently: a proxy, a log or a client
may see another value than we do."""

import json
from typing import Never

from fastapi import Request

from app.core.errors import Invalid


async def refuse_ambiguous_json(request: Request) -> None:
    """For routes whose body is JSON; the framework has read it already. JSON is UTF-8,
    each member has one value (RFC 8259), and a number is a number."""
    body = b"" if request.method == "GET" else await request.body()
    if not body:
        return
    try:
        json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_refuse_doubles,
            parse_constant=_refuse_constant,
        )
    except (ValueError, RecursionError) as error:
        raise _not_json() from error


def _refuse_doubles(members: list[tuple[str, object]]) -> None:
    seen = set()
    for name, _ in members:
        if name in seen:
            message = "A member of the body is there twice."
            raise Invalid.field("", "json_double", message)
        seen.add(name)


def _refuse_constant(_name: str) -> Never:
    raise _not_json()


def _not_json() -> Invalid:
    return Invalid.field("", "json_invalid", "The body is not JSON in UTF-8.")
