"""Roles and identities: AssumeRole, GetCallerIdentity, and the proof that a role asks
for its ExternalId."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any, Literal

from app.aws.call import Guard, call
from app.aws.errors import (
    AWSConfigurationError,
    AWSError,
    AWSPermissionError,
    ErrorFacts,
    error,
)
from app.aws.policy import Policy, policy_text
from app.aws.session import AWSKeys, PlatformSession, TenantSession
from app.core.secret import Secret

SHORTEST_SESSION = timedelta(minutes=15)
LONGEST_SESSION = timedelta(hours=1)

Outcome = Literal["granted", "denied", "unknown", "not_tried"]
Verdict = Literal["enforced", "external_id_not_enforced", "unknown", "denied"]

_ROLE_ARN = re.compile(
    r"arn:(aws[a-z-]*):iam::(\d{12}):role/[\w+=,.@/-]{1,576}", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Identity:
    account_id: str
    arn: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One AssumeRole of the check; `error` says why it was not granted."""

    outcome: Outcome
    error: ErrorFacts | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What AssumeRole answered with the ExternalId, without any, and with a wrong one.

    `enforced` needs all three: granted, denied, denied. `denied`: the right one was
    refused. Any other error than AccessDenied proves nothing and makes it `unknown`.
    """

    verdict: Verdict
    with_id: Attempt
    without_id: Attempt
    with_wrong_id: Attempt
    keys: AWSKeys | None = None


def account_of(role_arn: str, *, region: str) -> str:
    """The account id in a role's ARN; AWSConfigurationError for what is no such ARN."""
    found = _ROLE_ARN.fullmatch(role_arn)
    if found is None or found[1] != "aws":
        what = "not an IAM role's" if found is None else f"of the partition {found[1]}"
        raise error(
            AWSConfigurationError,
            code="unsupported_partition" if found else "invalid_role_arn",
            message=f"The ARN is {what}",
            service="sts",
            operation="AssumeRole",
            region=region,
            advice="Enter the ARN of a role in the partition aws: "
            "arn:aws:iam::<12 digits>:role/<name>.",
        )
    return found[2]


def assume_role(
    platform: PlatformSession,
    *,
    role_arn: str,
    external_id: Secret | str | None,
    session_name: str,
    region: str,
    guard: Guard,
    duration: timedelta = SHORTEST_SESSION,
    policy: Policy | None = None,
) -> AWSKeys:
    """Temporary keys of the role, narrowed by `policy` if one is given.

    Raises AWSPermissionError (phase `assume_role`) when the role refuses.
    """
    account_of(role_arn, region=region)
    known = external_id.reveal() if isinstance(external_id, Secret) else external_id
    params: dict[str, Any] = {
        "RoleArn": role_arn,
        "RoleSessionName": session_name,
        "DurationSeconds": int(duration.total_seconds()),
    }
    if known is not None:
        params["ExternalId"] = known
    if policy is not None:
        params["Policy"] = policy_text(policy)
    try:
        answer: Any = call(
            platform,
            service="sts",
            operation="AssumeRole",
            region=region,
            params=params,
            guard=guard,
            phase="assume_role",
        )
    except AWSError as failure:
        if known is None:
            raise
        raise _without(known, failure) from failure.__cause__
    keys = answer["Credentials"]
    return AWSKeys(
        access_key_id=keys["AccessKeyId"],
        secret_access_key=Secret(keys["SecretAccessKey"]),
        session_token=Secret(keys["SessionToken"]),
        expires_at=keys["Expiration"].astimezone(UTC),
    )


def _without(external_id: str, failure: AWSError) -> AWSError:
    """The failure without the ExternalId, which a validation error of STS quotes."""
    message = failure.facts.message.replace(external_id, "[external id]")
    return type(failure)(replace(failure.facts, message=message))


def caller_identity(
    session: TenantSession | PlatformSession, *, region: str, guard: Guard
) -> Identity:
    """Whom AWS takes us for; it needs no permission."""
    answer: Any = call(
        session,
        service="sts",
        operation="GetCallerIdentity",
        region=region,
        guard=guard,
        phase="identify",
    )
    return Identity(answer["Account"], answer["Arn"], answer["UserId"])


def must_be_account(identity: Identity, account_id: str, *, region: str) -> None:
    """Raise AWSConfigurationError `account_mismatch` for any other account."""
    if identity.account_id != account_id:
        raise error(
            AWSConfigurationError,
            code="account_mismatch",
            message=f"The credential opens account {identity.account_id}, "
            f"not {account_id}",
            service="sts",
            operation="GetCallerIdentity",
            region=region,
            phase="identify",
        )


def probe_external_id(
    platform: PlatformSession,
    *,
    role_arn: str,
    external_id: Secret,
    session_name: str,
    region: str,
    guard: Guard,
    duration: timedelta = SHORTEST_SESSION,
    policy: Policy | None = None,
) -> Probe:
    """Assume the role with its ExternalId, without one, and with a wrong one.

    The keys are the first attempt's, and are only answered when the verdict is
    `enforced`; what the other two might be given is dropped at once.
    """

    def attempt(
        presented: Secret | None, held: timedelta
    ) -> tuple[Attempt, AWSKeys | None]:
        try:
            keys = assume_role(
                platform,
                role_arn=role_arn,
                external_id=presented,
                session_name=session_name,
                region=region,
                guard=guard,
                duration=held,
                policy=policy,
            )
        except AWSError as failure:
            return Attempt(_outcome(failure), failure.facts), None
        return Attempt("granted"), keys

    with_id, keys = attempt(external_id, duration)
    if with_id.outcome != "granted":
        verdict: Verdict = "denied" if with_id.outcome == "denied" else "unknown"
        untried = Attempt("not_tried")
        return Probe(verdict, with_id, untried, untried)
    without_id, _ = attempt(None, SHORTEST_SESSION)
    wrong = Secret(secrets.token_urlsafe(32))
    with_wrong_id, _ = attempt(wrong, SHORTEST_SESSION)
    verdict = _verdict(without_id.outcome, with_wrong_id.outcome)
    kept = keys if verdict == "enforced" else None
    return Probe(verdict, with_id, without_id, with_wrong_id, kept)


def _outcome(failure: AWSError) -> Outcome:
    is_denial = isinstance(failure, AWSPermissionError)
    return "denied" if is_denial and failure.facts.code == "AccessDenied" else "unknown"


def _verdict(without_id: Outcome, with_wrong_id: Outcome) -> Verdict:
    outcomes = {without_id, with_wrong_id}
    if "granted" in outcomes:
        return "external_id_not_enforced"
    return "enforced" if outcomes == {"denied"} else "unknown"
