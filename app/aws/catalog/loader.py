"""The catalog as the running product reads it: frozen data from catalog.json."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

Tier = Literal["curated", "corroborated", "derived"]
Scope = Literal["regional", "global", "home_region"]
Fact = Literal["absent", "vanished", "not_applicable"]


class UnknownService(Exception):
    """The catalog has no such AWS service."""

    def __init__(self, service: str) -> None:
        super().__init__(f"there is no AWS service {service!r} in the catalog")
        self.service = service


class UnknownOperation(Exception):
    """The catalog has no such operation, or it is no listing."""

    def __init__(self, key: str) -> None:
        super().__init__(f"there is no operation {key!r} in the catalog")
        self.key = key


@dataclass(frozen=True, slots=True)
class Pager:
    """How an answer leads to the next: JMESPaths `outputs` become the `inputs`.

    `more` is a JMESPath that must be true for a next page to exist; `limit` names the
    page-size input.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    more: str | None
    limit: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """Where required input comes from: the items of a parent listing.

    `inputs` maps a parameter to a JMESPath in a parent's item; `carry` names parameters
    of the parent's own call to repeat; a `batch` above zero asks for so many at once.
    """

    operation: str
    inputs: Mapping[str, str]
    carry: tuple[str, ...] = ()
    batch: int = 0


@dataclass(frozen=True, slots=True)
class Failures:
    """Where a batch answer reports items it could not describe."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to list one kind of resource. `id`, `arn`, `name`, `state` and `region`
    are JMESPaths in an item; `results` are paths to the items in the answer.

    `keep` names inputs that join each item. `home` is where a once-per-account question
    is answered, if not in the engine's home region; `at_home` are values of a fan-out
    that are asked there only. `account` is a JMESPath that must be the account's id.
    `iam` is empty where the needed action is not known. `paid` says why AWS charges for
    asking. Of the lists that `ordered` names the order means something; in others it is
    as AWS happened to answer. With `settings` the one item is what is set for the
    account; with `tells_health` all words of the state are known, and tell good from
    bad. `version` names exactly this entry: what two readings of the same one found can
    be compared.
    """

    key: str
    service: str
    name: str
    noun: str
    category: str
    tier: Tier
    scope: Scope
    ownership: Literal["owned", "reference"]
    iam: tuple[str, ...]
    results: tuple[str, ...]
    id: str
    arn: str | None = None
    state: str | None = None
    region: str | None = None
    item_name: str | None = None
    guessed: bool = False
    step: bool = False
    not_default: str | None = None
    pager: Pager | None = None
    page_size: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    fan_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account_id: str | None = None
    since: str | None = None
    until: str | None = None
    feed: Feed | None = None
    keep: tuple[str, ...] = ()
    home: str | None = None
    at_home: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account: str | None = None
    failures: Failures | None = None
    absent: Mapping[str, Fact] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    volatile: frozenset[str] = frozenset()
    ordered: frozenset[str] = frozenset()
    paid: str | None = None
    tells_health: bool = False
    settings: bool = False
    version: str = ""

    @property
    def type(self) -> str:
        return f"{self.service}:{self.noun}"

    @property
    def once_per_account(self) -> bool:
        return self.scope != "regional"


@dataclass(frozen=True, slots=True)
class Service:
    """One AWS service: `regions` None is unknown, or meaningless for a global one."""

    name: str
    title: str
    category: str
    iam_prefix: str | None
    listable: Literal["listable", "needs_input", "not_applicable"]
    reason: str | None
    regions: frozenset[str] | None
    operations: Mapping[str, Operation]

    def default_operations(self) -> list[Operation]:
        return [o for o in self.operations.values() if o.not_default is None]


@dataclass(frozen=True, slots=True)
class Catalog:
    """`version` names exactly this catalog: reads of the same one can be compared."""

    version: str
    sources: Mapping[str, str]
    regions: frozenset[str]
    categories: Mapping[str, str]
    services: Mapping[str, Service]

    def service(self, name: str) -> Service:
        """Raises UnknownService."""
        if name not in self.services:
            raise UnknownService(name)
        return self.services[name]

    def operation(self, key: str) -> Operation:
        """Find `ec2:DescribeInstances`; raises UnknownService or UnknownOperation."""
        service, _, name = key.partition(":")
        operations = self.service(service).operations
        if name not in operations:
            raise UnknownOperation(key)
        return operations[name]

    def chain(self, operation: Operation) -> list[Operation]:
        """The listings to make, the root first, so that `operation` has its input."""
        if operation.feed is None:
            return [operation]
        parent = self.operation(f"{operation.service}:{operation.feed.operation}")
        return [*self.chain(parent), operation]

    def all_operations(self) -> Iterator[Operation]:
        for service in self.services.values():
            yield from service.operations.values()


@cache
def catalog() -> Catalog:
    """The committed catalog, read once per process."""
    text = resources.files(__package__).joinpath("catalog.json").read_text("utf-8")
    found = json.loads(text)
    return Catalog(
        version=_fingerprint(text),
        sources=MappingProxyType(found["sources"]),
        regions=frozenset(found["regions"]),
        categories=MappingProxyType(found["categories"]),
        services=MappingProxyType(
            {name: _service(name, entry) for name, entry in found["services"].items()}
        ),
    )


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _service(name: str, entry: Mapping[str, Any]) -> Service:
    operations = {
        operation: _operation(name, operation, found)
        for operation, found in entry["operations"].items()
    }
    about = {key: value for key, value in entry.items() if key != "operations"}
    regions = about.pop("regions")
    return Service(
        name=name,
        regions=None if regions is None else frozenset(regions),
        operations=MappingProxyType(operations),
        **about,
    )


def _operation(service: str, name: str, entry: Mapping[str, Any]) -> Operation:
    found = dict(entry)
    found["item_name"] = found.pop("name", None)
    for member, shape in (("pager", _pager), ("feed", _feed)):
        if member in found:
            found[member] = shape(found[member])
    if "failures" in found:
        found["failures"] = Failures(**found["failures"])
    for member in ("iam", "results", "sensitive", "keep"):
        found[member] = tuple(found.get(member, ()))
    for member in ("volatile", "ordered"):
        found[member] = frozenset(found.get(member, ()))
    key = f"{service}:{name}"
    found["version"] = _fingerprint(f"{key} {json.dumps(entry, sort_keys=True)}")
    return Operation(key=key, service=service, name=name, **found)


def _pager(entry: Mapping[str, Any]) -> Pager:
    return Pager(
        inputs=tuple(entry["inputs"]),
        outputs=tuple(entry["outputs"]),
        more=entry["more"],
        limit=entry["limit"],
    )


def _feed(entry: Mapping[str, Any]) -> Feed:
    return Feed(
        operation=entry["operation"],
        inputs=entry["inputs"],
        carry=tuple(entry.get("carry", ())),
        batch=entry.get("batch", 0),
    )
