"""Tables of what a check says, and the tests made of them: what AWS answers → the
verdict and its reason; the words of the SDK's models → the words a check knows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from botocore.model import StringShape, StructureShape

from app.aws.catalog import sources
from app.aws.catalog.shapes import element_shape
from app.aws.services.health import check_of
from app.aws.unit import Verdict
from tests.aws.fake_aws import MOMENT

Item = Mapping[str, Any]
# Check, item, verdict, reason.
VerdictRow = tuple[str, Item, Verdict, str]
# Service, operation, path of the items, path of the word in one, the check's table.
WordRow = tuple[str, str, str, str, Mapping[str, Any]]


def judging(rows: Sequence[VerdictRow]) -> Callable[..., None]:
    """A test that each item is judged so, for this reason."""

    @pytest.mark.parametrize(("check", "item", "verdict", "reason"), rows)
    def test(check: str, item: Item, verdict: Verdict, reason: str) -> None:
        assert check_of(check).judge(item, MOMENT) == (verdict, reason)

    made: Callable[..., None] = test  # what marks a test is untyped
    return made


def knowing(rows: Sequence[WordRow]) -> Callable[..., None]:
    """A test that a check knows every word the model has."""

    @pytest.mark.parametrize(("service", "operation", "path", "member", "words"), rows)
    def test(
        service: str, operation: str, path: str, member: str, words: Mapping[str, Any]
    ) -> None:
        assert modelled(service, operation, path, member) == set(words)

    made: Callable[..., None] = test  # what marks a test is untyped
    return made


def enumerated(service: str, shape: str) -> set[str]:
    """The words of a named shape of the model."""
    found = sources.service_model(service).shape_for(shape)
    assert isinstance(found, StringShape)
    return set(found.enum)


def modelled(service: str, operation: str, path: str, member: str) -> set[str]:
    """The words that the model lists for a member of the items at `path`."""
    model = sources.service_model(service).operation_model(operation)
    shape = element_shape(model.output_shape, path)
    for step in member.split("."):
        assert isinstance(shape, StructureShape)
        shape = shape.members[step]
    assert isinstance(shape, StringShape)
    return set(shape.enum)


def worded(
    check: str, what: str, member: str, expected: Mapping[str, Verdict]
) -> list[VerdictRow]:
    """Rows for a check that goes by one word at a dotted path: those `expected`, one
    that AWS never said, and none at all."""
    known: list[VerdictRow] = [
        (check, nested(member, word), verdict, f"The {what} is {word}.")
        for word, verdict in expected.items()
    ]
    return [
        *known,
        (check, nested(member, "Odd"), "unknown", f"The {what} 'Odd' is not known."),
        (check, nested(member, None), "unknown", f"AWS states no {what}."),
    ]


def nested(path: str, value: Any) -> dict[str, Any]:
    """`nested("A.B", 1)` is `{"A": {"B": 1}}`."""
    first, _, rest = path.partition(".")
    return {first: nested(rest, value) if rest else value}
