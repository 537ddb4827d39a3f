"""The catalog as the API shows it: services, operations, checks, categories."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.aws.catalog.loader import Operation, Service, Tier, catalog
from app.aws.services.check import HealthCheck
from app.aws.services.health import checks_of

TIERS: tuple[Tier, ...] = ("curated", "corroborated", "derived")


@dataclass(frozen=True, slots=True)
class OperationSummary:
    """One listing; `not_default` says why it runs only when named."""

    key: str
    type: str
    category: str
    tier: Tier
    scope: str
    ownership: str
    is_default: bool
    not_default: str | None
    iam_actions: tuple[str, ...]
    sensitive_members: tuple[str, ...]
    id_is_guessed: bool


@dataclass(frozen=True, slots=True)
class CheckSummary:
    """One health check; `paid_calls` are those AWS charges for."""

    key: str
    title: str
    type: str
    category: str
    iam_actions: tuple[str, ...]
    paid_calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """One service: `tier` is the best of its operations, None where it has none;
    `regions` None is unknown, or meaningless for a global service."""

    name: str
    title: str
    category: str
    categories: tuple[str, ...]
    tier: Tier | None
    listable: str
    reason: str | None
    regions: tuple[str, ...] | None
    operations: tuple[OperationSummary, ...]
    health_checks: tuple[CheckSummary, ...]
    iam_actions: tuple[str, ...]
    sensitive_members: tuple[str, ...]


def categories() -> dict[str, str]:
    """The titles of AWS's categories by their keys."""
    return dict(catalog().categories)


def services_summary() -> list[ServiceSummary]:
    """Every service of the catalog, by name."""
    return [_service(service) for service in catalog().services.values()]


def service_summary(name: str) -> ServiceSummary:
    """One service; raises UnknownService."""
    return _service(catalog().service(name))


def _service(service: Service) -> ServiceSummary:
    operations = tuple(map(_operation, service.operations.values()))
    checks = tuple(map(_check, checks_of(service.name)))
    tiers = {operation.tier for operation in operations}
    actions = [one.iam_actions for one in operations if one.is_default]
    return ServiceSummary(
        name=service.name,
        title=service.title,
        category=service.category,
        categories=_sorted([one.category for one in operations] or [service.category]),
        tier=next((tier for tier in TIERS if tier in tiers), None),
        listable=service.listable,
        reason=service.reason,
        regions=None if service.regions is None else _sorted(service.regions),
        operations=operations,
        health_checks=checks,
        iam_actions=_sorted(
            {
                action
                for needed in (*actions, *(check.iam_actions for check in checks))
                for action in needed
            }
        ),
        sensitive_members=_sorted(
            {
                f"{one.key.partition(':')[2]}.{member}"
                for one in operations
                for member in one.sensitive_members
            }
        ),
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def _operation(operation: Operation) -> OperationSummary:
    chain = catalog().chain(operation)
    return OperationSummary(
        key=operation.key,
        type=operation.type,
        category=operation.category,
        tier=operation.tier,
        scope=operation.scope,
        ownership=operation.ownership,
        is_default=operation.not_default is None,
        not_default=operation.not_default,
        iam_actions=_sorted([action for one in chain for action in one.iam]),
        sensitive_members=operation.sensitive,
        id_is_guessed=operation.guessed,
    )


def _check(check: HealthCheck) -> CheckSummary:
    operation = catalog().operation(check.listing)
    return CheckSummary(
        key=check.key,
        title=check.title,
        type=operation.type,
        category=operation.category,
        iam_actions=check.actions,
        paid_calls=_sorted(
            [f"{one.service}:{one.operation}" for one in check.details if one.paid]
        ),
    )
