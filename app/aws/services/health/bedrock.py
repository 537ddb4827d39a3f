"""Bedrock: provisioned throughput, deployments of own models, guardrails, endpoints."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement, by_word
from app.aws.unit import Verdict

THROUGHPUT_STATES: Mapping[str, Verdict] = {
    "InService": "healthy",
    "Creating": "in_transition",
    "Updating": "in_transition",
    "Failed": "unhealthy",
}
DEPLOYMENT_STATES: Mapping[str, Verdict] = {
    "Active": "healthy",
    "Creating": "in_transition",
    "Failed": "unhealthy",
}
GUARDRAIL_STATES: Mapping[str, Verdict] = {
    "READY": "healthy",
    "CREATING": "in_transition",
    "UPDATING": "in_transition",
    "VERSIONING": "in_transition",
    "DELETING": "in_transition",
    "FAILED": "unhealthy",
}
ENDPOINT_STATES: Mapping[str, Verdict] = {
    "REGISTERED": "healthy",
    "INCOMPATIBLE_ENDPOINT": "unhealthy",
}


def provisioned_model(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("throughput's state", item.get("status"), THROUGHPUT_STATES)


def deployment(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("deployment's state", item.get("status"), DEPLOYMENT_STATES)


def guardrail(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("guardrail's state", item.get("status"), GUARDRAIL_STATES)


def endpoint(item: Mapping[str, Any], _now: datetime) -> Judgement:
    return by_word("endpoint's state", item.get("status"), ENDPOINT_STATES)


CHECKS = (
    HealthCheck(
        key="bedrock:provisioned_model",
        title="Provisioned throughput",
        listing="bedrock:ListProvisionedModelThroughputs",
        actions=("bedrock:ListProvisionedModelThroughputs",),
        judge=provisioned_model,
        facts={
            "state": "status",
            "units": "modelUnits",
            "desired_units": "desiredModelUnits",
        },
    ),
    HealthCheck(
        key="bedrock:custom_model_deployment",
        title="Deployments of own models",
        listing="bedrock:ListCustomModelDeployments",
        actions=("bedrock:ListCustomModelDeployments",),
        judge=deployment,
        facts={"state": "status"},
    ),
    HealthCheck(
        key="bedrock:guardrail",
        title="Guardrails",
        listing="bedrock:ListGuardrails",
        actions=("bedrock:ListGuardrails",),
        judge=guardrail,
        facts={"state": "status", "version": "version"},
    ),
    HealthCheck(
        key="bedrock:marketplace_model_endpoint",
        title="Marketplace model endpoints",
        listing="bedrock:ListMarketplaceModelEndpoints",
        actions=("bedrock:ListMarketplaceModelEndpoints",),
        judge=endpoint,
        facts={"state": "status"},
    ),
)
