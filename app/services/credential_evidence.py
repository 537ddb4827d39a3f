"""What AWS is seen to do with a way into an account: whose it is, that a role asks for
its ExternalId, and that the account's regions can be read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.aws import access_keys, simulation
from app.aws.call import Guard
from app.aws.errors import (
    AWSConfigurationError,
    AWSConnectivityError,
    AWSError,
    AWSServiceError,
    AWSServiceLimitError,
    ErrorFacts,
    error,
)
from app.aws.policy import session_policy
from app.aws.regions import ACTIONS, HOME_REGION, enabled_regions
from app.aws.session import Endpoint, PlatformSession, TenantSession
from app.aws.sts import (
    Attempt,
    Identity,
    Outcome,
    Probe,
    caller_identity,
    must_be_account,
    probe_external_id,
)
from app.models.aws_account import CredentialsPurpose, CredentialsStatus
from app.services import policies, preflights
from app.services.credential_opening import Opened, OpenedKey, OpenedRole
from app.services.preflights import Preflight

NOT_ENFORCED = "external_id_not_enforced"

# Of whom the credentials are, these say neither yes nor no.
_SAYS_NEITHER = frozenset(
    kind.category
    for kind in (AWSConnectivityError, AWSServiceLimitError, AWSServiceError)
)

CheckOutcome = Literal["passed", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Check:
    """One step; `detail` is a sentence for the user."""

    check: str
    outcome: CheckOutcome
    detail: str
    error: ErrorFacts | None = None


@dataclass(slots=True)
class Verification:
    """What AWS was seen to do. `account_id` is the one that the credentials open. It
    proves nothing where AWS answered neither yes nor no."""

    status: CredentialsStatus = CredentialsStatus.FAILED
    proves_nothing: bool = False
    key_created_at: datetime | None = None
    reason: str | None = None
    account_id: str | None = None
    error: ErrorFacts | None = None
    checks: list[Check] = field(default_factory=list)
    preflight: Preflight | None = None

    def fail(self, facts: ErrorFacts) -> None:
        self.reason, self.error = facts.code, facts


def look(
    opened: Opened, platform: PlatformSession, at: Endpoint, needed: Collection[str]
) -> Verification:
    """Ask AWS; `needed` are the actions of the account's tasks. Blocks: for a worker
    thread."""
    verification = Verification(account_id=opened.account_id)
    guard = Guard()
    if isinstance(opened, OpenedKey):
        session = TenantSession(opened.keys, opened.account_id, at)
    else:
        probe = _probe(opened, platform, guard)
        _judge_probe(verification, opened, probe)
        if probe.keys is None:
            return verification
        session = TenantSession(probe.keys, opened.account_id, at)
    identity = _judge_identity(verification, opened, session, guard)
    if identity is not None:
        if isinstance(opened, OpenedKey):
            _judge_age(verification, opened, session, guard)
        _judge_regions(verification, session, guard)
        _judge_permissions(
            verification, opened, session, identity, needed=needed, guard=guard
        )
    return verification


def _probe(opened: OpenedRole, platform: PlatformSession, guard: Guard) -> Probe:
    (policy,) = session_policy([*ACTIONS, simulation.ACTION])
    return probe_external_id(
        platform,
        role_arn=opened.role_arn,
        external_id=opened.external_id,
        session_name=f"cloudrota-verify-{opened.credentials_id.hex}",
        region=HOME_REGION,
        guard=guard,
        policy=policy,
    )


_GRANTED_AS_IT_SHOULD: Mapping[Outcome, tuple[CheckOutcome, str]] = {
    "granted": ("passed", "The role was assumed with its ExternalId."),
    "denied": ("failed", "The role could not be assumed with its ExternalId."),
    "unknown": ("unknown", "AWS did not say whether the role can be assumed."),
    "not_tried": ("unknown", "It was not tried."),
}
_DENIED_AS_IT_SHOULD: Mapping[Outcome, tuple[CheckOutcome, str]] = {
    "denied": ("passed", "The role refused it, as it should."),
    "granted": ("failed", "The role let us in; so would it let in others."),
    "unknown": ("unknown", "AWS answered neither yes nor no, which proves nothing."),
    "not_tried": ("unknown", "It was not tried: the role has to let us in first."),
}


def _judge_probe(verification: Verification, opened: OpenedRole, probe: Probe) -> None:
    attempts = {
        "external_id_accepted": (_GRANTED_AS_IT_SHOULD, probe.with_id),
        "missing_external_id_refused": (_DENIED_AS_IT_SHOULD, probe.without_id),
        "wrong_external_id_refused": (_DENIED_AS_IT_SHOULD, probe.with_wrong_id),
    }
    for name, (words, attempt) in attempts.items():
        verification.checks.append(_check(name, words, attempt))
    if probe.verdict == NOT_ENFORCED:
        verification.status = CredentialsStatus.REFUSED
        verification.fail(_not_enforced(opened))
    elif probe.verdict != "enforced":
        verification.proves_nothing = probe.verdict == "unknown"
        verification.fail(_cause(probe))


def _check(
    name: str, words: Mapping[Outcome, tuple[CheckOutcome, str]], attempt: Attempt
) -> Check:
    outcome, detail = words[attempt.outcome]
    # A denial that was hoped for is no error.
    facts = None if outcome == "passed" else attempt.error
    return Check(name, outcome, detail, facts)


def _cause(probe: Probe) -> ErrorFacts:
    """The error that kept the probe from a proof."""
    attempts = (probe.with_id, probe.without_id, probe.with_wrong_id)
    expected = ("granted", "denied", "denied")
    return next(
        attempt.error
        for attempt, hoped in zip(attempts, expected, strict=True)
        if attempt.outcome != hoped and attempt.error is not None
    )


def _not_enforced(opened: OpenedRole) -> ErrorFacts:
    return error(
        AWSConfigurationError,
        code=NOT_ENFORCED,
        message="The role can be assumed without its ExternalId, or with a wrong one",
        service="sts",
        operation="AssumeRole",
        region=HOME_REGION,
        phase="assume_role",
        resource=opened.role_arn,
        advice="Add the condition StringEquals sts:ExternalId to every statement of "
        "the role's trust policy that names Cloudrota, as the onboarding page shows "
        "it, then verify again.",
    ).facts


def _judge_identity(
    verification: Verification,
    opened: Opened,
    session: TenantSession,
    guard: Guard,
) -> Identity | None:
    try:
        identity = caller_identity(session, region=HOME_REGION, guard=guard)
        if opened.account_id is not None:
            must_be_account(identity, opened.account_id, region=HOME_REGION)
    except AWSError as failure:
        verification.fail(failure.facts)
        verification.proves_nothing = failure.facts.category in _SAYS_NEITHER
        detail = "AWS did not confirm whose credentials these are."
        verification.checks.append(Check("identity", "failed", detail, failure.facts))
        return None
    verification.account_id = identity.account_id
    verification.status = CredentialsStatus.VERIFIED
    detail = f"They open account {identity.account_id} as {identity.arn}."
    verification.checks.append(Check("identity", "passed", detail))
    return identity


def _judge_age(
    verification: Verification, opened: OpenedKey, session: TenantSession, guard: Guard
) -> None:
    """When the key was made. That IAM does not say it is no reason to refuse."""
    key_id = opened.keys.access_key_id
    hint = "Until IAM says when it was made, its age counts from when it was stored."
    try:
        made = access_keys.created_at(session, key_id, region=HOME_REGION, guard=guard)
    except AWSError as failure:
        detail = f"{hint} Allow {access_keys.ACTION} on its own user to be told."
        check = Check("key_age", "unknown", detail, failure.facts)
    else:
        verification.key_created_at = made
        if made is None:
            check = Check("key_age", "unknown", hint)
        else:
            check = Check("key_age", "passed", f"It was made on {made:%d %B %Y}.")
    verification.checks.append(check)


def _judge_regions(
    verification: Verification, session: TenantSession, guard: Guard
) -> None:
    """A missing permission is told, and no reason to refuse: a task with regions of
    its own, or on global services alone, does without."""
    try:
        regions = enabled_regions(session, guard=guard)
    except AWSError as failure:
        denied = failure.facts.category == "AWSPermissionError"
        outcome: CheckOutcome = "failed" if denied else "unknown"
        detail = "The account's regions could not be read."
        check = Check("regions", outcome, detail, failure.facts)
    else:
        detail = f"{len(regions.enabled)} regions are enabled."
        check = Check("regions", "passed", detail)
    verification.checks.append(check)


def _judge_permissions(
    verification: Verification,
    opened: Opened,
    session: TenantSession,
    identity: Identity,
    *,
    needed: Collection[str],
    guard: Guard,
) -> None:
    """Every action at once that the account's tasks would be refused, and, of a way to
    read, how many of all that is looked at by default. No reason to refuse the way
    in."""
    role_arn = opened.role_arn if isinstance(opened, OpenedRole) else None
    is_read = opened.purpose is CredentialsPurpose.READ
    by_default = policies.of_catalog().actions if is_read else []
    found = preflights.look(
        session, identity, role_arn, {*needed, *by_default}, guard=guard
    )
    verification.preflight = found
    outcome, detail = found.in_words(needed, by_default)
    verification.checks.append(Check("permissions", outcome, detail, found.error))
