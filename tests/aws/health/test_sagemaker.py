"""SageMaker: its verdicts, its reasons, its words."""

from app.aws.services.health import sagemaker
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "sagemaker:endpoint",
        "endpoint's status",
        "EndpointStatus",
        {
            "InService": "healthy",
            "Updating": "degraded",
            "RollingBack": "degraded",
            "Creating": "in_transition",
            "OutOfService": "unhealthy",
            "Failed": "unhealthy",
        },
    ),
    *worded(
        "sagemaker:inference_component",
        "inference component's status",
        "InferenceComponentStatus",
        {
            "InService": "healthy",
            "Updating": "degraded",
            "Creating": "in_transition",
            "Failed": "unhealthy",
        },
    ),
    *worded(
        "sagemaker:notebook_instance",
        "notebook instance's status",
        "NotebookInstanceStatus",
        {
            "InService": "healthy",
            "Updating": "degraded",
            "Pending": "in_transition",
            "Stopped": "inactive",
            "Failed": "unhealthy",
        },
    ),
    *worded(
        "sagemaker:domain",
        "domain's status",
        "Status",
        {
            "InService": "healthy",
            "Update_Failed": "degraded",
            "Pending": "in_transition",
            "Failed": "unhealthy",
        },
    ),
    *worded(
        "sagemaker:cluster",
        "cluster's status",
        "ClusterStatus",
        {
            "InService": "healthy",
            "SystemUpdating": "degraded",
            "Creating": "in_transition",
            "Failed": "unhealthy",
        },
    ),
]
WORDS: list[WordRow] = [
    (
        "sagemaker",
        "ListEndpoints",
        "Endpoints[]",
        "EndpointStatus",
        sagemaker.ENDPOINT_STATES,
    ),
    (
        "sagemaker",
        "ListInferenceComponents",
        "InferenceComponents[]",
        "InferenceComponentStatus",
        sagemaker.COMPONENT_STATES,
    ),
    (
        "sagemaker",
        "ListNotebookInstances",
        "NotebookInstances[]",
        "NotebookInstanceStatus",
        sagemaker.NOTEBOOK_STATES,
    ),
    ("sagemaker", "ListDomains", "Domains[]", "Status", sagemaker.DOMAIN_STATES),
    (
        "sagemaker",
        "ListClusters",
        "ClusterSummaries[]",
        "ClusterStatus",
        sagemaker.CLUSTER_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
