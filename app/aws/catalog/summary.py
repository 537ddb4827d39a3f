"""Counts what the committed catalog holds: `python -m app.aws.catalog.summary`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable

from app.aws.catalog.loader import Operation, catalog
from app.aws.services.check import CheckTier, HealthCheck
from app.aws.services.health import checks_of, unchecked_of


def counts() -> dict[str, int | float]:
    """The figures; each is counted here. Roots need no other listing; those that answer
    with what is set for the account are `settings` among them. `curated_health` and
    `generic_health` are the services of which a task that names no check makes such a
    one, `unchecked` the default listings that no check of such a task reads,
    `state_word_services` those with a listing, default or not, whose state words are
    all known."""
    services = catalog().services
    operations = list(catalog().all_operations())
    roots = [one for one in operations if one.feed is None]
    tiers = Counter(one.tier for one in roots)
    answered = Counter(one.listable for one in services.values())
    return {
        "services": len(services),
        "listable": answered["listable"],
        "needs_input": answered["needs_input"],
        "not_applicable": answered["not_applicable"],
        "roots": len(roots),
        "root_services": _services(roots),
        "settings": sum(one.settings for one in roots),
        "depth2": len(operations) - len(roots),
        "curated": tiers["curated"],
        "corroborated": tiers["corroborated"],
        "derived": tiers["derived"],
        "default": sum(one.not_default is None for one in operations),
        "reference": sum(one.ownership == "reference" for one in operations),
        "iam_known": round(
            sum(bool(one.iam) for one in operations) / len(operations), 4
        ),
        **_health(operations),
    }


def _health(operations: Iterable[Operation]) -> dict[str, int]:
    made = [check for name in catalog().services for check in checks_of(name)]

    def of(tier: CheckTier) -> list[HealthCheck]:
        return [check for check in made if check.tier == tier]

    return {
        "curated_health": _services(of("curated")),
        "curated_checks": len(of("curated")),
        "generic_health": _services(of("generic")),
        "generic_checks": len(of("generic")),
        "reachable_checks": len(of("reachable")),
        "unchecked": sum(len(unchecked_of(name)) for name in catalog().services),
        "state_word_services": _services(one for one in operations if one.tells_health),
    }


def _services(found: Iterable[Operation | HealthCheck]) -> int:
    return len({one.service for one in found})


def main() -> None:
    found = counts()
    width = max(map(len, found))
    lines = [f"{name:{width}}  {value:>7,}" for name, value in found.items()]
    sys.stdout.write("\n".join([*lines, json.dumps(found)]) + "\n")


if __name__ == "__main__":
    main()
