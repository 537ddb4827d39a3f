"""FSx: file systems, volumes, storage virtual machines, file caches."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

SYSTEM_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
    "MISCONFIGURED": "unhealthy",
    "MISCONFIGURED_UNAVAILABLE": "unhealthy",
}
MACHINE_STATES: Mapping[str, Verdict] = {
    "CREATED": "healthy",
    "CREATING": "in_transition",
    "PENDING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
    "MISCONFIGURED": "unhealthy",
}
VOLUME_STATES: Mapping[str, Verdict] = {**MACHINE_STATES, "AVAILABLE": "healthy"}
CACHE_STATES: Mapping[str, Verdict] = {
    "AVAILABLE": "healthy",
    "UPDATING": "degraded",
    "CREATING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}


def file_system(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("file system's state", item.get("Lifecycle"), SYSTEM_STATES)


def volume(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("volume's state", item.get("Lifecycle"), VOLUME_STATES)


def storage_virtual_machine(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("virtual machine's state", item.get("Lifecycle"), MACHINE_STATES)


def file_cache(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("file cache's state", item.get("Lifecycle"), CACHE_STATES)


FACTS = {"state": "Lifecycle"}

CHECKS = (
    HealthCheck(
        key="fsx:file_system",
        title="File systems",
        listing="fsx:DescribeFileSystems",
        actions=("fsx:DescribeFileSystems",),
        judge=file_system,
        facts={**FACTS, "failure": "FailureDetails.Message"},
    ),
    HealthCheck(
        key="fsx:volume",
        title="Volumes",
        listing="fsx:DescribeVolumes",
        actions=("fsx:DescribeVolumes",),
        judge=volume,
        facts=FACTS,
    ),
    HealthCheck(
        key="fsx:storage_virtual_machine",
        title="Storage virtual machines",
        listing="fsx:DescribeStorageVirtualMachines",
        actions=("fsx:DescribeStorageVirtualMachines",),
        judge=storage_virtual_machine,
        facts=FACTS,
    ),
    HealthCheck(
        key="fsx:file_cache",
        title="File caches",
        listing="fsx:DescribeFileCaches",
        actions=("fsx:DescribeFileCaches",),
        judge=file_cache,
        facts=FACTS,
    ),
)
