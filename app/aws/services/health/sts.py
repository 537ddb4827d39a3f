"""STS: whose account the credentials open. Another account than the expected one is a
configuration error, raised while it is read, and no verdict."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.services.check import HealthCheck, Judgement


def identity(item: Mapping[str, Any], _now: datetime) -> Judgement:
    account = item.get("Account")
    if not account:
        return Judgement("unknown", "AWS does not state which account this is.")
    return Judgement("healthy", f"The credentials open account {account}, as expected.")


CHECKS = (
    HealthCheck(
        key="sts:identity",
        title="Identity: the account is the expected one",
        listing="sts:GetCallerIdentity",
        actions=("sts:GetCallerIdentity",),
        judge=identity,
        facts={"caller": "Arn"},
    ),
)
