"""Route 53 Resolver: its verdicts, its reasons, its words."""

from app.aws.services.health import route53resolver
from tests.aws.health.tables import VerdictRow, WordRow, judging, knowing, worded

VERDICTS: list[VerdictRow] = [
    *worded(
        "route53resolver:resolver_endpoint",
        "endpoint's status",
        "Status",
        {
            "OPERATIONAL": "healthy",
            "AUTO_RECOVERING": "degraded",
            "CREATING": "in_transition",
            "ACTION_NEEDED": "unhealthy",
        },
    ),
    *worded(
        "route53resolver:resolver_rule",
        "rule's status",
        "Status",
        {
            "COMPLETE": "healthy",
            "UPDATING": "degraded",
            "DELETING": "in_transition",
            "FAILED": "unhealthy",
        },
    ),
    *worded(
        "route53resolver:resolver_query_log_config",
        "query log's status",
        "Status",
        {"CREATED": "healthy", "CREATING": "in_transition", "FAILED": "unhealthy"},
    ),
]
WORDS: list[WordRow] = [
    (
        "route53resolver",
        "ListResolverEndpoints",
        "ResolverEndpoints[]",
        "Status",
        route53resolver.ENDPOINT_STATES,
    ),
    (
        "route53resolver",
        "ListResolverRules",
        "ResolverRules[]",
        "Status",
        route53resolver.RULE_STATES,
    ),
    (
        "route53resolver",
        "ListResolverQueryLogConfigs",
        "ResolverQueryLogConfigs[]",
        "Status",
        route53resolver.LOG_STATES,
    ),
]

test_verdicts = judging(VERDICTS)
test_words = knowing(WORDS)
