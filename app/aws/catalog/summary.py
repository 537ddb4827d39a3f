"""Counts what the committed catalog holds: `python -m app.aws.catalog.summary`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable

from app.aws.catalog.loader import Operation, catalog
from app.aws.services.health import checks, checks_of


def counts() -> dict[str, int | float]:
    """The figures; each is counted here. Roots need no other listing; those that answer
    with what is set for the account are `settings` among them. `generic_health` is the
    services with a listing whose state words are all known, `curated_health` those with
    checks of their own."""
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
    tiers = Counter(one.tier for name in catalog().services for one in checks_of(name))
    telling = [one for one in operations if one.tells_health]
    return {
        "curated_health": len({check.service for check in checks().values()}),
        "curated_checks": tiers["curated"],
        "generic_health": _services(telling),
        "generic_checks": tiers["generic"],
        "reachable_checks": tiers["reachable"],
    }


def _services(operations: Iterable[Operation]) -> int:
    return len({one.service for one in operations})


def main() -> None:
    found = counts()
    width = max(map(len, found))
    lines = [f"{name:{width}}  {value:>7,}" for name, value in found.items()]
    sys.stdout.write("\n".join([*lines, json.dumps(found)]) + "\n")


if __name__ == "__main__":
    main()
