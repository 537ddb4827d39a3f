"""Bedrock: its verdicts, its reasons, its words."""

from app.aws.services.health import bedrock
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing

VERDICTS: list[VerdictRow] = [
    (
        "bedrock:provisioned_model",
        {"status": "InService"},
        "healthy",
        "The throughput's state is InService.",
    ),
    (
        "bedrock:provisioned_model",
        {"status": "Creating"},
        "in_transition",
        "The throughput's state is Creating.",
    ),
    (
        "bedrock:provisioned_model",
        {"status": "Failed"},
        "unhealthy",
        "The throughput's state is Failed.",
    ),
    (
        "bedrock:provisioned_model",
        {"status": "ODD"},
        "unknown",
        "The throughput's state 'ODD' is not known.",
    ),
    ("bedrock:provisioned_model", {}, "unknown", "AWS states no throughput's state."),
    (
        "bedrock:custom_model_deployment",
        {"status": "Active"},
        "healthy",
        "The deployment's state is Active.",
    ),
    (
        "bedrock:custom_model_deployment",
        {"status": "Creating"},
        "in_transition",
        "The deployment's state is Creating.",
    ),
    (
        "bedrock:custom_model_deployment",
        {"status": "Failed"},
        "unhealthy",
        "The deployment's state is Failed.",
    ),
    (
        "bedrock:custom_model_deployment",
        {"status": "ODD"},
        "unknown",
        "The deployment's state 'ODD' is not known.",
    ),
    (
        "bedrock:custom_model_deployment",
        {},
        "unknown",
        "AWS states no deployment's state.",
    ),
    (
        "bedrock:guardrail",
        {"status": "READY"},
        "healthy",
        "The guardrail's state is READY.",
    ),
    (
        "bedrock:guardrail",
        {"status": "CREATING"},
        "in_transition",
        "The guardrail's state is CREATING.",
    ),
    (
        "bedrock:guardrail",
        {"status": "FAILED"},
        "unhealthy",
        "The guardrail's state is FAILED.",
    ),
    (
        "bedrock:guardrail",
        {"status": "ODD"},
        "unknown",
        "The guardrail's state 'ODD' is not known.",
    ),
    ("bedrock:guardrail", {}, "unknown", "AWS states no guardrail's state."),
    (
        "bedrock:marketplace_model_endpoint",
        {"status": "REGISTERED"},
        "healthy",
        "The endpoint's state is REGISTERED.",
    ),
    (
        "bedrock:marketplace_model_endpoint",
        {"status": "INCOMPATIBLE_ENDPOINT"},
        "unhealthy",
        "The endpoint's state is INCOMPATIBLE_ENDPOINT.",
    ),
    (
        "bedrock:marketplace_model_endpoint",
        {"status": "ODD"},
        "unknown",
        "The endpoint's state 'ODD' is not known.",
    ),
    (
        "bedrock:marketplace_model_endpoint",
        {},
        "unknown",
        "AWS states no endpoint's state.",
    ),
]
WORDS: list[WordRow] = [
    (
        "bedrock",
        "ListProvisionedModelThroughputs",
        "provisionedModelSummaries[]",
        "status",
        bedrock.THROUGHPUT_STATES,
    ),
    (
        "bedrock",
        "ListCustomModelDeployments",
        "modelDeploymentSummaries[]",
        "status",
        bedrock.DEPLOYMENT_STATES,
    ),
    ("bedrock", "ListGuardrails", "guardrails[]", "status", bedrock.GUARDRAIL_STATES),
    (
        "bedrock",
        "ListMarketplaceModelEndpoints",
        "marketplaceModelEndpoints[]",
        "status",
        bedrock.ENDPOINT_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
