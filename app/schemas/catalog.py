"""The catalog as it crosses the edge: what each AWS service offers to tasks."""

from typing import Literal

from app.schemas.base import Output

Tier = Literal["curated", "corroborated", "derived"]
CheckTier = Literal["curated", "generic", "reachable"]


class CatalogService(Output):
    """`reason` says why there is nothing to list, or nothing unless it is named.
    `regions` null is unknown, or means nothing for a global service. `operations` and
    `health_checks` are counts, `tiers` and `health_tiers` the same ones by tier;
    `unchecked_operations` is how many default operations no check reads in a task that
    names the service alone; such a task says nothing of their health.
    `iam_actions` is what all default listings and checks need, `iam_unknown` how many
    operations need an action that is not known; `sensitive_members` are masked before
    anything is stored."""

    name: str
    title: str
    category: str
    category_title: str
    listable: Literal["listable", "needs_input", "not_applicable"]
    reason: str | None
    regions: list[str] | None
    tiers: dict[Tier, int]
    operations: int
    default_operations: int
    health_checks: int
    health_tiers: dict[CheckTier, int]
    unchecked_operations: int
    iam_actions: list[str]
    iam_unknown: int
    sensitive_members: list[str]


class CatalogServices(Output):
    """The whole catalog: it is not paged."""

    items: list[CatalogService]


class CatalogOperation(Output):
    """One way to list one type of resource. `not_default` says why a task makes it only
    when it is named; `needs` is the listing that it takes its input from; `paid` says
    why AWS charges for asking. With `is_settings` it has one item: what is set for the
    account. `health_tier` is that of the checks that read it in a task that names the
    service alone; null where none does. With `can_be_checked` its key can be named as a
    check."""

    key: str
    type: str
    tier: Tier
    scope: Literal["regional", "global", "home_region"]
    ownership: Literal["owned", "reference"]
    is_default: bool
    not_default: str | None
    needs: str | None
    iam_actions: list[str]
    iam_known: bool
    paid: str | None
    is_settings: bool
    health_tier: CheckTier | None
    can_be_checked: bool
    sensitive_members: list[str]
    id_is_guessed: bool


class CatalogCheck(Output):
    """One health check. `calls_per_resource` come on top of its listing.

    `tier` says who tells the health: a person wrote how (`curated`), a list knows every
    word of the state (`generic`), or nobody, so that it says only that AWS answered
    (`reachable`).
    """

    key: str
    title: str
    tier: CheckTier
    type: str
    listing: str
    calls_per_resource: int
    has_paid_calls: bool
    iam_actions: list[str]


class CatalogServiceDetail(CatalogService):
    operation_list: list[CatalogOperation]
    health_check_list: list[CatalogCheck]
