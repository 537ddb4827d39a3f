"""The health checks, one small file per AWS service; found by walking this package."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from app.aws.services.check import HealthCheck


class UnknownCheck(Exception):
    """No health check has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no health check {key!r}")
        self.key = key


@cache
def checks() -> Mapping[str, HealthCheck]:
    """Every health check by its key, in the order of the keys."""
    found: dict[str, HealthCheck] = {}
    for module in pkgutil.iter_modules(__path__):
        for check in importlib.import_module(f"{__name__}.{module.name}").CHECKS:
            if check.key in found:
                raise ValueError(f"two health checks are called {check.key}")
            found[check.key] = check
    return MappingProxyType({key: found[key] for key in sorted(found)})


def check_of(key: str) -> HealthCheck:
    """Find `ec2:instance_status`; raises UnknownCheck."""
    if key not in checks():
        raise UnknownCheck(key)
    return checks()[key]


def checks_of(service: str) -> list[HealthCheck]:
    return [check for check in checks().values() if check.service == service]
