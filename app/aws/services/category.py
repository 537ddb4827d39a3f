"""What one AWS category offers: its listings and its health checks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.aws import engine
from app.aws.call import Guard
from app.aws.catalog.loader import Operation, catalog
from app.aws.services.check import HealthCheck
from app.aws.services.health import check_of, checks_of
from app.aws.session import TenantSession
from app.aws.unit import Finding, Item, Unit


class WrongCategory(Exception):
    """A unit was given to the service of another category."""

    def __init__(self, unit: Unit, category: str) -> None:
        super().__init__(f"{unit.key} does not belong to {category}")
        self.unit = unit


def category_of(unit: Unit) -> str:
    """The category of what a unit reads; EC2's nouns are of several.

    Raises UnknownService, UnknownOperation or UnknownCheck.
    """
    key = unit.key if unit.kind == "list" else check_of(unit.key).listing
    return catalog().operation(key).category


@dataclass(frozen=True, slots=True)
class CategoryService:
    """The resources of one AWS category: `resource_list` and `health_check` a unit."""

    category: str

    @property
    def title(self) -> str:
        return catalog().categories[self.category]

    def operations(self) -> list[Operation]:
        found = catalog().all_operations()
        return [one for one in found if one.category == self.category]

    def checks(self) -> list[HealthCheck]:
        """Of its listings, the checks that a task makes unless it names some."""
        own = {operation.key for operation in self.operations()}
        found = (check for name in catalog().services for check in checks_of(name))
        return [check for check in found if check.listing in own]

    def resource_list(
        self, unit: Unit, session: TenantSession, *, guard: Guard
    ) -> Iterator[list[Item]]:
        """The unit's resources, page by page; raises as `engine.list_pages` does."""
        self._own(unit)
        return engine.list_pages(unit, session, guard=guard)

    def health_check(
        self, unit: Unit, session: TenantSession, *, guard: Guard, now: datetime
    ) -> Iterator[list[Finding]]:
        """The unit's verdicts, page by page; raises as `engine.check_pages` does."""
        self._own(unit)
        return engine.check_pages(unit, session, guard=guard, now=now)

    def _own(self, unit: Unit) -> None:
        if category_of(unit) != self.category:
            raise WrongCategory(unit, self.category)
