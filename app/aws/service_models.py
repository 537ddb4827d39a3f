"""botocore's own data, loaded once per process: services, regions, error shapes."""

import threading
from collections import OrderedDict
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


MODELS_KEPT = 48  # services: the largest take 190 MiB; all 439 would take over 400


class SharedLoader(Loader):
    """A loader that many sessions share; boto3 appends to `search_paths` each time. Of
    the services' models it keeps those that were asked for last."""

    _cache: dict[tuple[Any, ...], Any]  # botocore's own

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._asked: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def search_paths(self) -> list[str]:
        return [self.BUILTIN_DATA_PATH]

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:
        """botocore's, and no model is read twice at the same time."""
        with self._lock:
            model = super().load_service_model(service_name, type_name, api_version)
            self._asked[service_name] = None
            self.note_use(service_name)
            while len(self._asked) > MODELS_KEPT:
                self._forget(self._asked.popitem(last=False)[0])
            return model

    def note_use(self, service_name: str) -> None:
        """Whoever holds a model and uses it would not like to have a second one."""
        with self._lock:
            if service_name in self._asked:
                self._asked.move_to_end(service_name)

    def _forget(self, service: str) -> None:
        """Drop what botocore's `instance_cache` keeps of a service's files."""
        for key in list(self._cache):
            method, name = key[:2]
            if (
                name == service
                if method == "load_service_model"
                else (method.startswith("load_data") and name.startswith(f"{service}/"))
            ):
                del self._cache[key]


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
