"""botocore's own data, loaded once per process: services, regions, error shapes."""

from functools import cache
from typing import Any

from botocore.loaders import Loader

# The 17 regions every account has; all others must be opted in to, and a disabled one
# answers a valid key as if it were unknown.
ALWAYS_ENABLED_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)


class SharedLoader(Loader):
    """A loader that many sessions share; boto3 appends to `search_paths` each time."""

    @property
    def search_paths(self) -> list[str]:
        return [self.BUILTIN_DATA_PATH]


# No `~/.aws/models`, no AWS_DATA_PATH: models come from the installed package only.
LOADER = SharedLoader(include_default_search_paths=False)


@cache
def regions() -> frozenset[str]:
    """The regions of the partition `aws`."""
    partitions = LOADER.load_data("endpoints")["partitions"]
    aws = next(one for one in partitions if one["partition"] == "aws")
    return frozenset(aws["regions"])


@cache
def services() -> frozenset[str]:
    return frozenset(LOADER.list_available_services("service-2"))


def error_shapes(service: str) -> list[tuple[str, dict[str, Any]]]:
    """Each error shape of a service as (code, shape); none of an unknown service."""
    if service not in services():
        return []
    shapes = LOADER.load_service_model(service, "service-2")["shapes"]
    return [
        (shape.get("error", {}).get("code", name), shape)
        for name, shape in shapes.items()
        if shape.get("exception") or "error" in shape
    ]


@cache
def throttling_codes(service: str) -> frozenset[str]:
    """The codes a service's own model marks as throttling."""
    return frozenset(
        code
        for code, shape in error_shapes(service)
        if shape.get("retryable", {}).get("throttling")
    )


@cache
def fault_codes(service: str) -> frozenset[str]:
    """The codes a service's own model marks as its own fault."""
    return frozenset(
        code for code, shape in error_shapes(service) if shape.get("fault")
    )
