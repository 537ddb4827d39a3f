"""Every listing of the catalog is read to its end, from answers made of the models.

It proves the wiring of each (inputs, pages, where the items are, what identifies them),
not what AWS means by it.
"""

from typing import Any

import pytest

from app.aws.catalog.loader import Operation, Service, catalog
from app.aws.session import TenantSession
from tests.aws.fake_aws import ACCOUNT, Asked, FakeAWS
from tests.aws.lists import listed


def a_stream(asked: Asked) -> dict[str, Any]:
    """The SDK looks into these ARNs to find the address of the next call."""
    name = "later" if "NextToken" in asked.params else "first"
    arn = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/{name}"
    return {"StreamSummaries": [{"StreamName": name, "StreamARN": arn}]}


ANSWERS = {
    "kinesis:ListStreams": a_stream,
    "sts:GetCallerIdentity": {"Account": ACCOUNT},
}
LISTABLE = [one for one in catalog().services.values() if one.operations]


@pytest.mark.parametrize("service", LISTABLE, ids=lambda one: one.name)
def test_each_listing_of_a_service_yields_items(
    service: Service, fake: FakeAWS, session: TenantSession
) -> None:
    wrong = {
        operation.key: found
        for operation in service.operations.values()
        if (found := flaw(operation, fake, session))
    }
    assert wrong == {}


def flaw(operation: Operation, fake: FakeAWS, session: TenantSession) -> str | None:
    """What is wrong with the items of a listing, or the calls made for them."""
    with fake.afresh(answers=ANSWERS):
        items = listed(operation.key, session)
        calls = [asked for asked in fake.ledger if asked.operation == operation.name]
    paged = any(one.pager for one in catalog().chain(operation))
    return next(
        (
            what
            for what, holds in {
                "another type": {item.type for item in items} != {operation.type},
                "a masked identity": any("[redacted]" in item.id for item in items),
                "no later page": len(items) < (2 if paged else 1),
                "not asked for a later page": len(calls)
                < (2 if operation.pager else 1),
            }.items()
            if holds
        ),
        None,
    )
