"""SageMaker: endpoints and their components, notebook instances, domains, clusters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

ENDPOINT_STATES: Mapping[str, Verdict] = {
    "InService": "healthy",
    "RollingBack": "degraded",
    "SystemUpdating": "degraded",
    "Updating": "degraded",
    "Creating": "in_transition",
    "Deleting": "in_transition",
    "Failed": "unhealthy",
    "OutOfService": "unhealthy",
    "UpdateRollbackFailed": "unhealthy",
}
COMPONENT_STATES: Mapping[str, Verdict] = {
    "InService": "healthy",
    "Updating": "degraded",
    "Creating": "in_transition",
    "Deleting": "in_transition",
    "Failed": "unhealthy",
}
NOTEBOOK_STATES: Mapping[str, Verdict] = {
    "InService": "healthy",
    "InMaintenance": "degraded",
    "PendingMaintenance": "degraded",
    "Updating": "degraded",
    "Pending": "in_transition",
    "Stopping": "in_transition",
    "Deleting": "in_transition",
    "Stopped": "inactive",
    "Failed": "unhealthy",
}
DOMAIN_STATES: Mapping[str, Verdict] = {
    "InService": "healthy",
    "Updating": "degraded",
    "Update_Failed": "degraded",
    "Pending": "in_transition",
    "Deleting": "in_transition",
    "Delete_Failed": "unhealthy",
    "Failed": "unhealthy",
}
CLUSTER_STATES: Mapping[str, Verdict] = {
    "InService": "healthy",
    "RollingBack": "degraded",
    "SystemUpdating": "degraded",
    "Updating": "degraded",
    "Creating": "in_transition",
    "Deleting": "in_transition",
    "Failed": "unhealthy",
}


def endpoint(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("endpoint's status", item.get("EndpointStatus"), ENDPOINT_STATES)


def inference_component(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("InferenceComponentStatus")
    return by_word("inference component's status", status, COMPONENT_STATES)


def notebook_instance(item: Mapping[str, Any], _now: datetime) -> Judgement:
    status = item.get("NotebookInstanceStatus")
    return by_word("notebook instance's status", status, NOTEBOOK_STATES)


def domain(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("domain's status", item.get("Status"), DOMAIN_STATES)


def cluster(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("cluster's status", item.get("ClusterStatus"), CLUSTER_STATES)


CHECKS = (
    HealthCheck(
        key="sagemaker:endpoint",
        title="Endpoints",
        listing="sagemaker:ListEndpoints",
        actions=("sagemaker:ListEndpoints",),
        judge=endpoint,
        facts={"status": "EndpointStatus"},
    ),
    HealthCheck(
        key="sagemaker:inference_component",
        title="Inference components",
        listing="sagemaker:ListInferenceComponents",
        actions=("sagemaker:ListInferenceComponents",),
        judge=inference_component,
        facts={"status": "InferenceComponentStatus", "endpoint": "EndpointName"},
    ),
    HealthCheck(
        key="sagemaker:notebook_instance",
        title="Notebook instances",
        listing="sagemaker:ListNotebookInstances",
        actions=("sagemaker:ListNotebookInstances",),
        judge=notebook_instance,
        facts={"status": "NotebookInstanceStatus"},
    ),
    HealthCheck(
        key="sagemaker:domain",
        title="Domains",
        listing="sagemaker:ListDomains",
        actions=("sagemaker:ListDomains",),
        judge=domain,
        facts={"status": "Status"},
    ),
    HealthCheck(
        key="sagemaker:cluster",
        title="Clusters",
        listing="sagemaker:ListClusters",
        actions=("sagemaker:ListClusters",),
        judge=cluster,
        facts={"status": "ClusterStatus"},
    ),
)
