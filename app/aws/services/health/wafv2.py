"""WAF: web ACLs, regional ones and those of CloudFront."""

from app.aws.services.check import HealthCheck, reachable

CHECKS = (
    HealthCheck(
        key="wafv2:web_acl",
        title="Web ACLs",
        listing="wafv2:ListWebACLs",
        actions=("wafv2:ListWebACLs",),
        judge=reachable,
    ),
)
