"""Which regions an account may use, and whether a unit can be asked in one."""

from dataclasses import dataclass

from app.aws.call import Absent, Guard, call
from app.aws.catalog.loader import catalog
from app.aws.errors import AWSServiceError, error
from app.aws.session import TenantSession
from app.aws.unit import GLOBAL, NotApplicable, Unit

HOME_REGION = "us-east-1"  # always enabled; where an account-wide question is asked
ACTIONS = ("ec2:DescribeRegions",)
OPTED_IN = frozenset({"opt-in-not-required", "opted-in"})


@dataclass(frozen=True, slots=True)
class AccountRegions:
    """The account's own answer: what it may use, and what it has not opted in to."""

    enabled: frozenset[str]
    not_opted_in: frozenset[str]


def enabled_regions(session: TenantSession, *, guard: Guard) -> AccountRegions:
    """Ask the account for its regions; one call. Raises AWSError.

    Regions this release does not know are left out of both sets.
    """
    answer = call(
        session,
        service="ec2",
        operation="DescribeRegions",
        region=HOME_REGION,
        params={"AllRegions": True},
        guard=guard,
        iam_actions=ACTIONS,
    )
    listed = {} if isinstance(answer, Absent) else _states(answer.get("Regions", []))
    if not listed:
        raise error(
            AWSServiceError,
            code="no_regions",
            message="The account names no region at all",
            service="ec2",
            operation="DescribeRegions",
            region=HOME_REGION,
        )
    known = {name: state for name, state in listed.items() if name in catalog().regions}
    enabled = frozenset(name for name, state in known.items() if state in OPTED_IN)
    return AccountRegions(enabled, frozenset(known) - enabled)


def _states(regions: list[dict[str, str]]) -> dict[str, str]:
    return {one["RegionName"]: one.get("OptInStatus", "unknown") for one in regions}


def require_applicable(unit: Unit, account: AccountRegions | None = None) -> None:
    """Raise NotApplicable where the service is not in the region, or, once the
    account's regions are known, where the account has not enabled it."""
    if unit.region == GLOBAL:
        return
    service = catalog().service(unit.service)
    if service.regions is not None and unit.region not in service.regions:
        raise NotApplicable(f"{service.title} is not offered in {unit.region}.")
    if account is not None and unit.region not in account.enabled:
        raise NotApplicable(f"The account has not enabled the region {unit.region}.")
