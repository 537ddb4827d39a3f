"""The listings that checks and inventories read: what moves by itself is no change, and
a child's identity has its parent's in it."""

from collections.abc import Iterator

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from app.aws.call import Guard
from app.aws.catalog import sources
from app.aws.catalog.loader import Operation, catalog
from app.aws.catalog.shapes import element_shape
from app.aws.engine import list_pages
from app.aws.session import TenantSession
from app.aws.unit import Unit
from tests.aws.fake_aws import ACCOUNT, FakeAWS
from tests.aws.lists import listed

VOLATILE = [one for one in catalog().all_operations() if one.volatile]


def paths(shape: Shape, above: tuple[str, ...] = (), depth: int = 6) -> Iterator[str]:
    """Dotted paths of all members; lists and maps count as no step."""
    if depth == 0:
        return
    if isinstance(shape, ListShape):
        yield from paths(shape.member, above, depth)
    elif isinstance(shape, MapShape):
        yield from (".".join((*above, key)) for key in getattr(shape.key, "enum", ()))
        yield from paths(shape.value, above, depth - 1)
    elif isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield ".".join((*above, name))
            yield from paths(member, (*above, name), depth - 1)


@pytest.mark.parametrize("operation", VOLATILE, ids=lambda one: one.key)
def test_what_is_left_out_of_the_hash_is_a_member(operation: Operation) -> None:
    model = sources.service_model(operation.service).operation_model(operation.name)
    known: set[str] = set()
    for result in operation.results:
        for path in paths(element_shape(model.output_shape, result)):
            known |= {path, path.rsplit(".", 1)[-1]}
    assert operation.volatile <= known


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        (
            "guardduty:GetDetector",
            {"guardduty:ListDetectors": {"DetectorIds": ["d"], "NextToken": None}},
        ),
        ("securityhub:DescribeHub", {}),
        ("sesv2:GetAccount", {}),
        ("sts:GetCallerIdentity", {"sts:GetCallerIdentity": {"Account": ACCOUNT}}),
    ],
)
def test_an_answer_that_is_the_resource_tells_nothing_of_the_request(
    key: str,
    answers: dict[str, dict[str, object]],
    fake: FakeAWS,
    session: TenantSession,
) -> None:
    with fake.afresh(answers=answers, hold_still=True):
        first, second = listed(key, session), listed(key, session)
    assert "ResponseMetadata" not in first[0].document
    assert [one.content_hash for one in first] == [one.content_hash for one in second]


def test_targets_of_the_same_name_are_told_apart_by_their_rule(
    fake: FakeAWS, session: TenantSession
) -> None:
    answers = {
        "events:ListEventBuses": {"EventBuses": [{"Arn": "bus"}], "NextToken": None},
        "events:ListRules": {
            "Rules": [
                {"Name": name, "EventBusName": "default"} for name in ("one", "two")
            ],
            "NextToken": None,
        },
        "events:ListTargetsByRule": {
            "Targets": [{"Id": "1", "Arn": "arn"}],
            "NextToken": None,
        },
    }
    with fake.afresh(answers=answers):
        found = listed("events:ListTargetsByRule", session)
    assert [one.id for one in found] == ["default|one|1", "default|two|1"]
    assert found[0].document["Rule"] == "one"


def test_a_parent_that_is_gone_takes_only_its_children_along(
    fake: FakeAWS, session: TenantSession
) -> None:
    answers = {
        "kendra:ListIndices": {
            "IndexConfigurationSummaryItems": [{"Id": "a" * 36}, {"Id": "b" * 36}],
            "NextToken": None,
        },
        "kendra:ListDataSources": {"SummaryItems": [{"Id": "s"}], "NextToken": None},
    }
    gone = {1: "ResourceNotFoundException"}
    with fake.afresh(answers=answers, fail=gone):
        unit = Unit("list", "kendra", "eu-west-1", "kendra:ListDataSources")
        pages = list_pages(unit, session, guard=Guard())
        found = [item.id for page in pages for item in page]
    assert found in ([f"{'a' * 36}|s"], [f"{'b' * 36}|s"])
