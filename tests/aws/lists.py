"""Lists a catalog operation against the fake, to the end or to the error."""

import pytest

from app.aws.call import Guard
from app.aws.catalog.loader import Operation, catalog
from app.aws.engine import list_pages
from app.aws.errors import AWSError
from app.aws.session import TenantSession
from app.aws.unit import Item, Unit

REGION = "eu-west-1"


def region_of(operation: Operation) -> str:
    """A region where the operation is asked: the tests' own, where the service is."""
    offered = catalog().service(operation.service).regions
    if operation.once_per_account:
        return "global"
    return REGION if offered is None or REGION in offered else min(offered)


def unit_of(operation: Operation) -> Unit:
    return Unit("list", operation.service, region_of(operation), operation.key)


def listed(key: str, session: TenantSession, guard: Guard | None = None) -> list[Item]:
    unit = unit_of(catalog().operation(key))
    pages = list_pages(unit, session, guard=guard or Guard())
    return [item for page in pages for item in page]


def refused(key: str, session: TenantSession) -> AWSError:
    with pytest.raises(AWSError) as caught:
        listed(key, session)
    return caught.value
