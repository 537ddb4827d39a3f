"""An error as it crosses the edge: problem details (RFC 9457)."""

from app.schemas.base import Output


class FieldProblem(Output):
    """One wrong member: /name for a body's, /query/limit for a query's."""

    pointer: str
    code: str
    message: str


class Problem(Output):
    """`type` leads to a page that explains the code."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[FieldProblem]
