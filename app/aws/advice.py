"""What a person can do about a failure: a sentence or two, and the IAM statement to add
where one is known to help."""

import json
from dataclasses import dataclass

from app.aws.error_codes import Kind
from app.aws.error_messages import DenySource


@dataclass(frozen=True, slots=True)
class Situation:
    """What the advice depends on; `actions` are the IAM actions the call needs."""

    kind: Kind
    code: str
    service: str
    operation: str
    region: str
    phase: str
    actions: tuple[str, ...] = ()
    deny_source: DenySource | None = None
    explicit_deny: bool = False
    encoded_reason: bool = False
    opt_in_region: bool = False


_UNKNOWN_KEY = (
    "AWS does not know this access key: it was deleted, made inactive, or belongs to "
    "another partition. Create a key and rotate the credential."
)
BY_CODE: dict[str, str] = {
    "AuthorizationHeaderMalformed": "The request was signed for another region. "
    "Choose the region the resource is in.",
    "BucketRegionError": "Choose the region the bucket is in.",
    "InvalidAccessKeyId": _UNKNOWN_KEY,
    "InvalidClientTokenId": _UNKNOWN_KEY,
    "PermanentRedirect": "Choose the region the bucket is in.",
    "RegionDisabledException": "STS is not active in this region for the account. "
    "Activate the region in the account's settings, or leave it out of the task.",
    "RequestTimeTooSkewed": "The clock of the machine that runs the worker is off by "
    "minutes. Synchronise it (NTP) and run again.",
    "SignatureDoesNotMatch": "The secret does not belong to this access key, or was "
    "pasted incompletely. Enter both again, or create a new key.",
    "account_mismatch": "The credential opens another account than the connection "
    "names. Connect that account on its own, or correct the role or key.",
    "empty_access_key": "Enter the access key and its secret again.",
    "hostile_or_oversized": "One resource carries text or a size that cannot be stored "
    "safely; look at its name, tags and description in the AWS console.",
    "key_service_unavailable": "Nothing is wrong with your AWS account: Cloudrota "
    "could not use its own key. Run again; if it stays, tell who runs this deployment.",
    "undecryptable": "Nothing is wrong with your AWS account: Cloudrota cannot open "
    "what it stored. Tell who runs this deployment, or enter the access key again.",
    "unknown_region": "Choose a region of the partition aws from the list.",
    "unknown_service": "Choose a service from the catalog.",
}

_BY_KIND: dict[Kind, str] = {
    Kind.AUTHENTICATION: "AWS did not accept the credential. Check that its key is "
    "active and complete, then verify the connection again.",
    Kind.EXPIRED: "The session has ended. Run again: each run assumes the role anew. "
    "If the credential holds temporary keys, replace it by a role.",
    Kind.NOT_SUBSCRIBED: "The account has not signed up for {service}, or AWS has "
    "yet to activate it. Subscribe in the AWS console, or leave {service} out.",
    Kind.THROTTLING: "AWS slowed the account's calls to {service} in {region}. Run "
    "less often or at another minute, or give the task a retry policy.",
    Kind.QUOTA: "A quota of {service} in {region} is used up. Ask for more in Service "
    "Quotas, or remove what is not needed.",
    Kind.CAPACITY: "AWS has no capacity left for this in {region} at the moment. Try "
    "again later, or in another zone or region.",
    Kind.UNAVAILABLE: "{service} failed inside AWS. Look at the AWS Health Dashboard "
    "for {region}; the next run will show whether it has passed.",
    Kind.NOT_FOUND: "What {operation} asked for is not there in {region}. It may have "
    "been deleted meanwhile; run again, and report this if it stays.",
    Kind.CONFLICT: "The resource is in a state that does not allow {operation} now. "
    "Run again once it has settled.",
    Kind.VALIDATION: "{service} refused the request's parameters. Check the task's "
    "parameters; if it has none, report this with the request id.",
    Kind.REFUSED: "{service} refused {operation}; its message says why. Report this "
    "with the request id if it stays.",
    Kind.UNCLASSIFIED: "{service} answered with an error that says little more than "
    "its code. Report this with the request id if it stays.",
    Kind.UNREADABLE: "The answer of {service} could not be read, so nothing of it was "
    "used. Run again; if it stays, look for a proxy in between, and report this.",
    Kind.CONFIGURATION: "The request could not be made from these settings. Check "
    "service, region and parameters; if they are right, report this.",
}

_ASSUME_ROLE_DENIED = (
    "AWS does not say which of three it is: the role's trust policy does not name "
    "Cloudrota's principal, its ExternalId differs from the one shown at onboarding, "
    "or the role does not exist (or Cloudrota's own identity may not assume it). "
    "Compare the role with the template of the onboarding page."
)

DENIED_BY: dict[DenySource, str] = {
    "service_control_policy": "a service control policy of the organization; the "
    "role cannot override it, so ask who manages AWS Organizations",
    "resource_control_policy": "a resource control policy of the organization; the "
    "role cannot override it, so ask who manages AWS Organizations",
    "identity_policy": "a policy attached to the role or user",
    "resource_policy": "the policy of the resource itself (bucket, key, queue …)",
    "session_policy": "the session policy of this run, which allows exactly what the "
    "task was known to need; save the task again, and report this if it stays",
    "permissions_boundary": "the permissions boundary of the role or user",
    "endpoint_policy": "the policy of the VPC endpoint the call went through",
    "trust_policy": "the role's trust policy",
}
# Their statements name a principal, or are ours.
_NOT_BY_STATEMENT: frozenset[DenySource | None] = frozenset(
    {"resource_policy", "endpoint_policy", "trust_policy", "session_policy"}
)
_ENCODED = (
    " Who may call sts:DecodeAuthorizationMessage can have the encoded part of the "
    "message decoded; it names the policy."
)


CATALOG_FAULT = (
    "This listing was derived from AWS's own model, and the service wants something "
    "that the model does not state. Leave {operation} out of the task, and report it."
)


def advise(at: Situation) -> str:
    if at.kind is Kind.PERMISSION:
        return _permission(at)
    if at.kind is Kind.CONNECTIVITY:
        return _connectivity(at)
    words = BY_CODE.get(at.code) or _BY_KIND[at.kind].format(
        service=at.service,
        operation=at.operation or "the request",
        region=at.region or "this region",
    )
    if at.kind is Kind.AUTHENTICATION and at.opt_in_region:
        words += (
            f" {at.region} must be opted in to, and a disabled region answers a valid "
            "key in this way too: check that it is enabled, or leave it out."
        )
    return words


def statement(actions: tuple[str, ...]) -> str:
    """An IAM statement that allows `actions`, as JSON to paste into a policy."""
    return json.dumps({"Effect": "Allow", "Action": list(actions), "Resource": "*"})


def _permission(at: Situation) -> str:
    if at.phase == "assume_role":
        return _ASSUME_ROLE_DENIED
    if at.code in BY_CODE:
        return BY_CODE[at.code]
    words = _denied(at)
    if at.actions and not at.explicit_deny and at.deny_source not in _NOT_BY_STATEMENT:
        words += f" The statement to add: {statement(at.actions)}."
    return words + _ENCODED if at.encoded_reason else words


def _denied(at: Situation) -> str:
    actions = " and ".join(at.actions) or f"what {at.service} {at.operation} needs"
    source = DENIED_BY.get(at.deny_source) if at.deny_source else None
    if at.explicit_deny:
        denier = source or "a policy"
        return f"{actions} is denied explicitly by {denier}. Remove the denial there."
    if source and at.deny_source != "identity_policy":
        return f"{actions} is not allowed by {source}. Allow it there."
    return (
        f"Allow {actions} in a policy of the connected role or user, then verify again."
    )


def _connectivity(at: Situation) -> str:
    target = f"{at.service} in {at.region}"
    if at.phase == "read":
        return (
            f"The connection to {target} broke, or no answer came in time. The outcome "
            "is unknown; nothing of it was used. The next run shows whether it lasts."
        )
    return (
        f"{target} could not be reached. Check the worker's network: DNS, outbound "
        "HTTPS, proxy, VPC endpoints; and that the service exists in that region."
    )
