"""The health checks: one small file per AWS service, found by walking this package, and
generated ones for what these leave out."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from app.aws.catalog.loader import (
    Operation,
    UnknownOperation,
    UnknownService,
    catalog,
)
from app.aws.services.check import HealthCheck
from app.aws.services.generated import can_be_checked, check_over


class UnknownCheck(Exception):
    """No health check has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no health check {key!r}")
        self.key = key


@cache
def checks() -> Mapping[str, HealthCheck]:
    """Every curated health check by its key, in the order of the keys."""
    found: dict[str, HealthCheck] = {}
    for module in pkgutil.iter_modules(__path__):
        for check in importlib.import_module(f"{__name__}.{module.name}").CHECKS:
            if check.key in found:
                raise ValueError(f"two health checks are called {check.key}")
            found[check.key] = check
    return MappingProxyType({key: found[key] for key in sorted(found)})


def check_of(key: str) -> HealthCheck:
    """Find `ec2:instance_status`, or the generated check over a listing of what the
    account owns by the listing's key; raises UnknownCheck."""
    if curated := checks().get(key):
        return curated
    try:
        operation = catalog().operation(key)
    except (UnknownService, UnknownOperation) as error:
        raise UnknownCheck(key) from error
    if not can_be_checked(operation):
        raise UnknownCheck(key)
    return check_over(operation)


def checks_of(service: str) -> list[HealthCheck]:
    """The curated checks of a service, and generated ones over the default listings
    that none of these reads. Where any is curated, a listing whose state words are not
    known has no check: it would prove only that AWS answers. Raises UnknownService."""
    defaults = catalog().service(service).default_operations()
    own = [check for check in checks().values() if check.service == service]
    read = {check.listing for check in own}
    left = [one for one in defaults if one.key not in read and can_be_checked(one)]
    return own + [check_over(one) for one in left if one.tells_health or not own]


def unchecked_of(service: str) -> list[Operation]:
    """The default listings that none of the service's checks reads: a task that names
    the service says nothing of their health. Raises UnknownService."""
    read = {check.listing for check in checks_of(service)}
    defaults = catalog().service(service).default_operations()
    return [one for one in defaults if one.key not in read]
