"""What each AWS service offers to tasks, as the catalog states it."""

from collections import Counter
from collections.abc import Iterable

from app.aws.catalog.loader import Operation, Service, UnknownService, catalog
from app.aws.engine import actions_for
from app.aws.regions import HOME_REGION
from app.aws.services.check import CheckTier, HealthCheck
from app.aws.services.generated import can_be_checked
from app.aws.services.health import checks_of, unchecked_of
from app.aws.unit import GLOBAL, Unit
from app.core.errors import NotFound
from app.schemas.catalog import (
    CatalogCheck,
    CatalogOperation,
    CatalogService,
    CatalogServiceDetail,
)


def services() -> list[CatalogService]:
    return [_service(service) for service in catalog().services.values()]


def get(name: str) -> CatalogServiceDetail:
    """Raises NotFound for a service that the catalog does not have."""
    try:
        service = catalog().service(name)
    except UnknownService as error:
        raise NotFound from error
    checks = checks_of(name)
    tiers = {check.listing: check.tier for check in checks}
    return CatalogServiceDetail(
        **_service(service).model_dump(),
        operation_list=[
            _operation(one, tiers.get(one.key)) for one in service.operations.values()
        ],
        health_check_list=[_check(one) for one in checks],
    )


def _service(service: Service) -> CatalogService:
    operations = service.operations.values()
    defaults, checks = service.default_operations(), checks_of(service.name)
    units = [
        *(_unit_of_operation(one) for one in defaults),
        *(_unit_of_check(one) for one in checks),
    ]
    return CatalogService(
        name=service.name,
        title=service.title,
        category=service.category,
        category_title=catalog().categories[service.category],
        listable=service.listable,
        reason=service.reason,
        regions=None if service.regions is None else sorted(service.regions),
        tiers=dict(Counter(one.tier for one in operations)),
        health_tiers=dict(Counter(one.tier for one in checks)),
        operations=len(operations),
        default_operations=len(defaults),
        health_checks=len(checks),
        unchecked_operations=len(unchecked_of(service.name)),
        iam_actions=list(actions_for(units)),
        iam_unknown=sum(not one.iam for one in operations),
        sensitive_members=_sensitive(operations),
    )


def _sensitive(operations: Iterable[Operation]) -> list[str]:
    return sorted({member for one in operations for member in one.sensitive})


def _operation(operation: Operation, tier: CheckTier | None) -> CatalogOperation:
    feed = operation.feed
    return CatalogOperation(
        key=operation.key,
        type=operation.type,
        tier=operation.tier,
        scope=operation.scope,
        ownership=operation.ownership,
        is_default=operation.not_default is None,
        not_default=operation.not_default,
        needs=None if feed is None else f"{operation.service}:{feed.operation}",
        iam_actions=list(actions_for([_unit_of_operation(operation)])),
        iam_known=bool(operation.iam),
        paid=operation.paid,
        is_settings=operation.settings,
        health_tier=tier,
        can_be_checked=can_be_checked(operation),
        sensitive_members=sorted(operation.sensitive),
        id_is_guessed=operation.guessed,
    )


def _check(check: HealthCheck) -> CatalogCheck:
    listing = catalog().operation(check.listing)
    return CatalogCheck(
        key=check.key,
        title=check.title,
        tier=check.tier,
        type=listing.type,
        listing=check.listing,
        calls_per_resource=len(check.details),
        has_paid_calls=bool(listing.paid) or any(one.paid for one in check.details),
        iam_actions=list(actions_for([_unit_of_check(check)])),
    )


def _unit_of_operation(operation: Operation) -> Unit:
    return Unit("list", operation.service, _region_of(operation), operation.key)


def _unit_of_check(check: HealthCheck) -> Unit:
    region = _region_of(catalog().operation(check.listing))
    return Unit("health", check.service, region, check.key)


def _region_of(operation: Operation) -> str:
    """Some region where it is asked: the actions are the same in all of them."""
    return GLOBAL if operation.once_per_account else HOME_REGION
