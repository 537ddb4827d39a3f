"""Writes docs/aws.md: what is listed and checked of each AWS service, and why not.

`python -m app.aws.catalog.document`; with `--check` it only says whether it is fresh.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from app.aws.catalog.loader import Service, catalog
from app.aws.catalog.summary import counts
from app.aws.services.health import checks_of, unchecked_of
from app.core.generated import write_or_check

FILE = Path(__file__).parents[3] / "docs/aws.md"

_ANSWERS = {
    "listable": "yes",
    "needs_input": "needs input",
    "not_applicable": "does not apply",
}
_INTRODUCTION = """\
# AWS services

Written by `make generated` from the catalog. `make catalog-summary` prints the figures.

## What "all services" means

The catalog knows all {services} services that the AWS SDK (botocore {botocore}) has a
model of, and answers each in one of three ways:

- **yes** ({listable}): it has listings. There are {roots:,} that need nothing from
  another one, in {root_services} services; {settings} of these answer with what is set
  for the account, not with resources. {depth2} more ask about each resource of another
  listing: the services of each ECS cluster, for example.
- **needs input** ({needs_input}): its listings want something that only a person can
  say, and the reason names it.
- **does not apply** ({not_applicable}): it has nothing to list. Most are data planes
  and runtimes, which work with what another service lists.

A new service of an SDK upgrade stops the build until it is answered.

## How much is known of a listing

Of the listings that need no other one:

- **curated**, {curated:,}: named by hand as a listing of resources, and corrected where
  the model tells it wrong.
- **corroborated**, {corroborated:,}: derived from the model; IAM calls its action
  reading, and AWS's own Cloud Control uses that action to list resources.
- **derived**, {derived:,}: derived from the model, and confirmed by nothing else.

A task that names services alone makes their **default** listings ({default:,} in all):
curated and corroborated ones that list what the account owns. Whatever else is there
runs only when it is named, and says why: derived from the model alone, what AWS offers
to everyone ({reference} listings), what happened in the past, reports about resources,
settings of the account, listings AWS charges for, and those of which the needed IAM
action is not known. That action is known of {iam_known:.1%} of the listings; of the
rest the catalog says *unknown*.

Left out on purpose are operations that return credentials or the account's data
(objects, messages, records), and those that only the model calls possible: they answer
nothing without an input that the model marks as optional.

## Health

Of the checks that tasks make unless they name some:

- **curated**, {curated_checks} in {curated_health} services: written for one kind of
  resource.
- **generic**, {generic_checks} in {generic_health} services: a list of words knows
  every word that the state of the resource can have.
- **reachable**, {reachable_checks}: AWS answered; nothing is said of health.

A task that names a service makes its curated checks, and a generic one for each default
listing that these do not read and whose state words are all known. The other default
listings have a reachable check where no check of the service is curated; beside curated
ones they have none, for these prove already that AWS answers. Of the health of those,
{unchecked} listings in all, such a task says nothing. A state word that is not known is
`unknown`, never healthy. {state_word_services} services have a listing, default or not,
that the words can judge; any listing of what the account owns can be named as a check.

## What is proven, and what is not

Tests list every operation of the catalog to its last page against answers made of the
SDK's models, through the SDK's own parsers. That proves the wiring: the inputs are
accepted, pages are followed, items are found and identified, nothing secret identifies
them. It does not prove what AWS means by an answer; curated listings and checks are
written from AWS's documentation, and some are tried against emulators. No listing was
tried against every service of a real account.

botocore does not say where {unknown} regional services are offered. Their regions are
*unknown*, and asking one where it is not offered is an error of the connection.

## All services

Default and named are numbers of listings; named ones run only when named. Unchecked are
default listings that no check reads in a task that names the service alone.
"""
_HEAD = (
    "| service | SDK name | listed | tier | default | named | health | unchecked |"
    " why not |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def render() -> str:
    """The whole page."""
    regional = [one for one in catalog().services.values() if _is_regional(one)]
    introduction = _INTRODUCTION.format(
        **counts(),
        botocore=catalog().sources["botocore"],
        unknown=sum(one.regions is None for one in regional),
    )
    return "\n".join([introduction.rstrip(), *_tables()]) + "\n"


def _is_regional(service: Service) -> bool:
    return any(not one.once_per_account for one in service.operations.values())


def _tables() -> Iterator[str]:
    titles = catalog().categories
    for category in sorted(titles, key=titles.__getitem__):
        yield from ("", f"### {titles[category]}", "", _HEAD)
        services = catalog().services.values()
        yield from (_row(one) for one in services if one.category == category)


def _row(service: Service) -> str:
    operations = list(service.operations.values())
    tiers = {one.tier for one in operations}
    best = next(
        (one for one in ("curated", "corroborated", "derived") if one in tiers), ""
    )
    default = len(service.default_operations())
    health = Counter(check.tier for check in checks_of(service.name))
    cells = (
        service.title,
        f"`{service.name}`",
        _ANSWERS[service.listable],
        best,
        str(default),
        str(len(operations) - default),
        ", ".join(f"{count} {tier}" for tier, count in sorted(health.items())),
        str(len(unchecked_of(service.name))),
        service.reason or "",
    )
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    return write_or_check(FILE, render(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
