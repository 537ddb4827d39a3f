"""Each AWS category has its service, which lists and checks what is its own."""

import pytest

from app.aws.call import Guard
from app.aws.catalog.loader import catalog
from app.aws.services.analytics import AnalyticsService
from app.aws.services.category import CategoryService, WrongCategory
from app.aws.services.compute import ComputeService
from app.aws.services.database import DatabaseService
from app.aws.services.health import checks, checks_of
from app.aws.services.networking import NetworkingService
from app.aws.services.registry import CATEGORY_SERVICES, service_for
from app.aws.services.security import SecurityService
from app.aws.services.storage import StorageService
from app.aws.session import TenantSession
from app.aws.unit import Unit
from tests.aws.fake_aws import MOMENT, FakeAWS

REGION = "eu-west-1"
INSTANCES = Unit("list", "ec2", REGION, "ec2:DescribeInstances")


def test_every_category_in_the_catalog_has_its_service() -> None:
    found = {operation.category for operation in catalog().all_operations()}
    assert found == {service.category for service in CATEGORY_SERVICES}
    assert len(CATEGORY_SERVICES) == len(found)


def test_every_listing_and_every_check_belongs_to_one_service() -> None:
    listings = [one.key for each in CATEGORY_SERVICES for one in each.operations()]
    found = [one.key for each in CATEGORY_SERVICES for one in each.checks()]
    assert sorted(listings) == sorted(one.key for one in catalog().all_operations())
    every = [check.key for name in catalog().services for check in checks_of(name)]
    assert sorted(found) == sorted(every)
    assert set(found) >= checks().keys()


def test_every_unit_finds_its_service() -> None:
    for operation in catalog().all_operations():
        unit = Unit("list", operation.service, REGION, operation.key)
        assert service_for(unit).category == operation.category
    for name in catalog().services:
        for check in checks_of(name):
            listing = catalog().operation(check.listing)
            unit = Unit("health", name, REGION, check.key)
            assert service_for(unit).category == listing.category


def test_every_category_of_aws_is_there_by_its_title() -> None:
    titles = {service.title for service in CATEGORY_SERVICES}
    assert titles == set(catalog().categories.values())
    assert len(titles) == 23


@pytest.mark.parametrize(
    ("service", "listing", "check"),
    [
        (ComputeService, "ec2:DescribeInstances", "ec2:instance_status"),
        (ComputeService, "lambda:ListFunctions", "lambda:function"),
        (StorageService, "ec2:DescribeVolumes", "ec2:volume_status"),
        (StorageService, "s3:ListBuckets", "s3:bucket"),
        (DatabaseService, "rds:DescribeDBInstances", "rds:db_instance"),
        (NetworkingService, "ec2:DescribeVpcs", "ec2:nat_gateway"),
        (NetworkingService, "ec2:DescribeSecurityGroups", "ec2:security_group"),
        (SecurityService, "kms:DescribeKey", "kms:key"),
        (AnalyticsService, "kinesis:DescribeStreamSummary", "kinesis:stream"),
    ],
)
def test_a_unit_finds_its_category(
    service: CategoryService, listing: str, check: str
) -> None:
    aws = listing.partition(":")[0]
    assert service_for(Unit("list", aws, REGION, listing)) is service
    aws = check.partition(":")[0]
    assert service_for(Unit("health", aws, REGION, check)) is service


def test_lists_and_checks_its_own(fake: FakeAWS, session: TenantSession) -> None:
    with fake.afresh():
        pages = ComputeService.resource_list(INSTANCES, session, guard=Guard())
        assert {item.type for page in pages for item in page} == {"ec2:instance"}
        status = Unit("health", "ec2", REGION, "ec2:instance_status")
        found = ComputeService.health_check(status, session, guard=Guard(), now=MOMENT)
        assert {one.type for page in found for one in page} == {"ec2:instance"}


def test_refuses_what_belongs_to_another(session: TenantSession) -> None:
    with pytest.raises(WrongCategory):
        StorageService.resource_list(INSTANCES, session, guard=Guard())
