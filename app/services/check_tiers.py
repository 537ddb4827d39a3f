"""What is known of a unit by its key: the type it looks at, and who wrote its judge."""

from app.aws.catalog.loader import UnknownOperation, UnknownService, catalog
from app.aws.services.check import CheckTier
from app.aws.services.health import UnknownCheck, check_of

TIER = "tier"


def tier_of(key: str) -> CheckTier | None:
    """Of a check; None of one that the catalog has no more."""
    try:
        return check_of(key).tier
    except UnknownCheck:
        return None


def type_of(kind: str, key: str) -> str | None:
    """The type of the resources that a listing or a check reads; None where the
    catalog has it no more."""
    try:
        listing = key if kind == "list" else check_of(key).listing
        return catalog().operation(listing).type
    except (UnknownCheck, UnknownOperation, UnknownService):
        return None
