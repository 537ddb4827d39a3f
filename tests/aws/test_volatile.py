"""Over all that is listed by default: a member that sounds as if it moved by itself is
left out of what a version is made of, or was looked at and stays."""

import re
from collections.abc import Iterator

from botocore.model import ListShape, Shape, StructureShape

from app.aws.catalog import sources
from app.aws.catalog.loader import Operation, catalog
from app.aws.catalog.shapes import element_shape

DEPTH = 3
MOVES = re.compile(
    r"^last.*(seen|used|access|activ|connect|contact|sync|report|uplink|invo|received"
    r"|sent|published|event|run)|heartbeat|approximate|utili[sz]ation|percent|progress"
    r"|messagecount|sizeinbytes|itemcount|backlog|queuelength|remaining|elapsed"
    r"|(used|available|free|consumed|current|pending|running).*"
    r"(capacity|count|size|bytes|storage|units|addresses|usage)",
    re.IGNORECASE,
)
SETTING = "somebody set it"
SIZE = "of a thing that keeps its size once it is made"
REVIEWED = {
    "CurrentInferenceUnits": SETTING,
    "DataSizeInBytes": SIZE,
    "DataTransferSubscriberFeePercent": SETTING,
    "DesiredSamplingPercentage": SETTING,
    "FullLoadErrorPercentage": SETTING,
    "FullSnapshotSizeInBytes": SIZE,
    "HeartbeatFrequency": SETTING,
    "LastPublishedTime": "somebody published it",
    "MaxHealthyPercentage": SETTING,
    "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice": SETTING,
    "MinHealthyPercentage": SETTING,
    "ModifierPercentage": SETTING,
    "OnDemandMaxPricePercentageOverLowestPrice": SETTING,
    "OnDemandPercentageAboveBaseCapacity": SETTING,
    "PercentEnabled": SETTING,
    "PercentageValue": SETTING,
    "RekeyFuzzPercentage": SETTING,
    "SizeInBytes": SIZE,
    "SpotMaxPricePercentageOverLowestPrice": SETTING,
    "TapeSizeInBytes": SIZE,
    "TrafficDialPercentage": SETTING,
    "VolumeSizeInBytes": SIZE,
    "additionalFlashCacheInPercent": SETTING,
    "bidPercentage": SETTING,
    "canaryPercent": SETTING,
    "healthyPercent": SETTING,
    "lastActivationTime": "somebody turned it on",
    "maxParallelNodesRepairedPercentage": SETTING,
    "maxUnavailablePercentage": SETTING,
    "maxUnhealthyNodeThresholdPercentage": SETTING,
    "maximumPercent": SETTING,
    "minimumHealthyPercent": SETTING,
    "percentTraffic": SETTING,
    "remaining": "how many more limiters somebody may set",
    "stepPercent": SETTING,
}


def members(operation: Operation) -> Iterator[tuple[str, Shape]]:
    """The dotted path and shape of what a version of its items is made of."""
    model = sources.service_model(operation.service).operation_model(operation.name)
    for path in operation.results:
        yield from _within(operation, element_shape(model.output_shape, path), ())


def _within(
    operation: Operation, shape: Shape, above: tuple[str, ...]
) -> Iterator[tuple[str, Shape]]:
    if isinstance(shape, ListShape):
        yield from _within(operation, shape.member, above)
    if not isinstance(shape, StructureShape) or len(above) >= DEPTH:
        return
    for name, member in shape.members.items():
        path = ".".join((*above, name))
        if {name, path} & operation.volatile:
            continue
        yield path, member
        yield from _within(operation, member, (*above, name))


def test_what_moves_by_itself_makes_no_version() -> None:
    moving = {
        path.rpartition(".")[2]: f"{operation.key} {path}"
        for service in catalog().services.values()
        for operation in service.default_operations()
        for path, shape in members(operation)
        if shape.type_name in {"integer", "long", "float", "double", "timestamp"}
        and MOVES.search(path.rpartition(".")[2])
    }
    unseen = {name: where for name, where in moving.items() if name not in REVIEWED}
    assert unseen == {}
    assert set(REVIEWED) <= set(moving), "reviewed for nothing"
