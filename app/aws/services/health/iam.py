"""IAM: the root user's protection, the age of access keys, server certificates."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.aws.services.check import HealthCheck, Judgement
from app.aws.unit import Verdict

OLD = timedelta(days=90)
SOON = timedelta(days=30)


def account(item: Mapping[str, Any], _now: datetime) -> Judgement:
    mfa, keys = item.get("AccountMFAEnabled"), item.get("AccountAccessKeysPresent")
    if mfa is None or keys is None:
        return Judgement(
            "unknown", "AWS does not state how the root user is protected."
        )
    faults = [
        *(["the root user has access keys"] if keys else []),
        *(["the root user has no MFA"] if not mfa else []),
    ]
    if not faults:
        return Judgement("healthy", "The root user has MFA and no access keys.")
    return Judgement("unhealthy", f"In this account {' and '.join(faults)}.")


def access_key(item: Mapping[str, Any], now: datetime) -> Judgement:
    status, made = item.get("Status"), item.get("CreateDate")
    if status == "Inactive":
        return Judgement("inactive", "The access key is deactivated.")
    if status != "Active" or made is None:
        return Judgement("unknown", f"The key's status {status!r} is not known.")
    age = now - made
    verdict: Verdict = "degraded" if age > OLD else "healthy"
    return Judgement(verdict, f"The access key is {age.days} days old.")


def server_certificate(item: Mapping[str, Any], now: datetime) -> Judgement:
    ends_at = item.get("Expiration")
    if ends_at is None:
        return Judgement("unknown", "AWS does not state when the certificate expires.")
    when = f"on {ends_at:%Y-%m-%d}"
    if ends_at <= now:
        return Judgement("unhealthy", f"The certificate expired {when}.")
    verdict: Verdict = "degraded" if ends_at - now <= SOON else "healthy"
    return Judgement(verdict, f"The certificate expires {when}.")


CHECKS = (
    HealthCheck(
        key="iam:account_summary",
        title="Root user: MFA and access keys",
        listing="iam:GetAccountSummary",
        actions=("iam:GetAccountSummary",),
        judge=account,
        facts={
            "root_mfa": "AccountMFAEnabled",
            "root_access_keys": "AccountAccessKeysPresent",
        },
    ),
    HealthCheck(
        key="iam:access_key",
        title="Access keys: age",
        listing="iam:ListAccessKeys",
        actions=("iam:ListUsers", "iam:ListAccessKeys"),
        judge=access_key,
        facts={"user": "UserName", "created_at": "CreateDate", "status": "Status"},
    ),
    HealthCheck(
        key="iam:server_certificate",
        title="Server certificates: days left",
        listing="iam:ListServerCertificates",
        actions=("iam:ListServerCertificates",),
        judge=server_certificate,
        facts={"expires_at": "Expiration"},
    ),
)
