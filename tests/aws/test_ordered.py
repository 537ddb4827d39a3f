"""Of which lists the order makes a version: of those that the catalog names, of all
others not; and what sounds as if its order counted is named, or was looked at."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from app.aws.catalog import sources
from app.aws.catalog.loader import Operation, catalog
from app.aws.catalog.shapes import element_shape
from app.aws.hostile import content_hash

Make = Callable[[list[str]], Any]
ORDERED = [one for one in catalog().all_operations() if one.ordered]
SOUNDS_ORDERED = re.compile(
    r"order(?!in)|priorit|sequence|^stages?$|steps?$|command$|arguments?$|^args$"
    r"|entrypoint|behaviors$|strategy$|dns(ip|addr|server|resol)|processors$|layers$"
    r"|columns$|keyschema$|path$|(?<!filter)(?<!listed)rules$|overrides$|classifiers$",
    re.IGNORECASE,
)
EACH_APPLIES = "each of them applies"
WEIGHTED = "what counts is a weight or a base of each"
NUMBERED = "each has its number in this order"
OF_THE_DIRECTORY = "AWS's own answer of which servers there are"
UNTOLD = "AWS does not say that the first one is asked first"
NAMES_ONE = "each is for the thing that it names"
A_FILTER = "of which any may match"
REVIEWED = {
    "BloomFilterColumns": EACH_APPLIES,
    "CapacityProviderStrategy": WEIGHTED,
    "DnsAddresses": UNTOLD,
    "DnsIpAddresses": OF_THE_DIRECTORY,
    "DnsIpAddrs": OF_THE_DIRECTORY,
    "DnsIps": UNTOLD,
    "DnsIpv6Addresses": OF_THE_DIRECTORY,
    "DnsIpv6Addrs": OF_THE_DIRECTORY,
    "DnsResolvers": UNTOLD,
    "LicenseRules": EACH_APPLIES,
    "Overrides": NUMBERED,
    "PortOverrides": NAMES_ONE,
    "Rules": EACH_APPLIES,
    "SelectedColumns": EACH_APPLIES,
    "SelfManagedDnsIpAddrs": UNTOLD,
    "ServiceOverrides": NAMES_ONE,
    "WhitelistRules": EACH_APPLIES,
    "capacityProviderStrategy": WEIGHTED,
    "codeVulnerabilityFilePath": A_FILTER,
    "computeEnvironmentOrder": NUMBERED,
    "defaultCapacityProviderStrategy": WEIGHTED,
    "lambdaFunctionLayers": A_FILTER,
    "mappingRules": EACH_APPLIES,
    "nodeRepairConfigOverrides": NAMES_ONE,
    "overrides": NAMES_ONE,
    "privateEndpointOverrides": NAMES_ONE,
    "recordingModeOverrides": NAMES_ONE,
    "serviceEnvironmentOrder": NUMBERED,
    "userRules": EACH_APPLIES,
    "validationRules": EACH_APPLIES,
    "wafRules": EACH_APPLIES,
}


def lists(operation: Operation) -> Iterator[tuple[str, Make]]:
    """The dotted path of each list in an item, and a document that has only this list,
    with the members it is given."""
    model = sources.service_model(operation.service).operation_model(operation.name)
    for path in operation.results:
        yield from _within(element_shape(model.output_shape, path), (), frozenset())


def _within(
    shape: Shape, path: tuple[str, ...], above: frozenset[str]
) -> Iterator[tuple[str, Make]]:
    if isinstance(shape, ListShape):
        yield ".".join(path), lambda members: members
        for found, make in _within(shape.member, path, above):
            yield found, partial(_listed, make)
    if isinstance(shape, StructureShape | MapShape) and shape.name not in above:
        parts = (
            dict(shape.members)
            if isinstance(shape, StructureShape)
            else {"*": shape.value}
        )
        for name, part in parts.items():
            for found, make in _within(part, (*path, name), above | {shape.name}):
                yield found, partial(_named, name, make)


def _listed(make: Make, members: list[str]) -> Any:
    return [make(members)]


def _named(name: str, make: Make, members: list[str]) -> Any:
    return {name: make(members)}


def says_something(path: str, operation: Operation) -> bool:
    """Whether nothing on the way to it is left out of what a version is made of."""
    steps = path.split(".")
    above = {".".join(steps[:end]) for end in range(1, len(steps) + 1)}
    return not (above | set(steps)) & operation.volatile


def is_declared(path: str, operation: Operation) -> bool:
    return bool({path, path.rpartition(".")[2]} & operation.ordered)


@pytest.mark.parametrize("operation", ORDERED, ids=lambda one: one.key)
def test_another_order_is_another_content_of_the_declared_lists_alone(
    operation: Operation,
) -> None:
    def hashed(document: Any) -> str:
        return content_hash(
            document, volatile=operation.volatile, ordered=operation.ordered
        )

    for path, make in lists(operation):
        there, back = hashed(make(["a", "b"])), hashed(make(["b", "a"]))
        counts = is_declared(path, operation) and says_something(path, operation)
        assert (there != back) == counts, path


@pytest.mark.parametrize("operation", ORDERED, ids=lambda one: one.key)
def test_what_is_declared_is_a_list_that_the_model_has(operation: Operation) -> None:
    paths = {path for path, _ in lists(operation)}
    names = {path.rpartition(".")[2] for path in paths}
    assert operation.ordered <= paths | names


def test_what_sounds_as_if_its_order_counted_is_declared_or_was_looked_at() -> None:
    bags = {
        path.rpartition(".")[2]: f"{operation.key} {path}"
        for service in catalog().services.values()
        for operation in service.default_operations()
        for path, _ in lists(operation)
        if SOUNDS_ORDERED.search(path.rpartition(".")[2])
        and says_something(path, operation)
        and not is_declared(path, operation)
    }
    unseen = {name: where for name, where in bags.items() if name not in REVIEWED}
    assert unseen == {}
    assert set(REVIEWED) <= set(bags), "reviewed for nothing"
