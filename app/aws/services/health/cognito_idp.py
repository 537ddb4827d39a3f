"""Cognito: user pools."""

from app.aws.services.check import HealthCheck, reachable

CHECKS = (
    HealthCheck(
        key="cognito-idp:user_pool",
        title="User pools",
        listing="cognito-idp:ListUserPools",
        actions=("cognito-idp:ListUserPools",),
        judge=reachable,
    ),
)
