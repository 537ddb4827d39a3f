"""The error taxonomy: everything AWS, botocore or the network can say becomes one of
six facts.

    AWSError
    ├── AWSAuthenticationError   who we are was not believed: key, signature, session
    ├── AWSPermissionError       we are believed, and may not
    ├── AWSServiceLimitError     throttled, or a quota or capacity is used up
    ├── AWSServiceError          the service failed, or refused what was asked
    ├── AWSConnectivityError     no complete answer came back
    └── AWSConfigurationError    our own request or settings were wrong
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self

from botocore.exceptions import ClientError

from app.aws import service_models
from app.aws.advice import CATALOG_FAULT, Situation, advise
from app.aws.client_errors import kind_of_exception, phase_of
from app.aws.error_codes import CODE_LIMIT, Kind, kind_of
from app.aws.error_messages import Denial, clean_message, read_denial


@dataclass(frozen=True, slots=True)
class ErrorFacts:
    """What a person needs to know about one failure; `as_json()` is what is stored.

    `notes` begin with the kind (`throttling`, `quota`, `expired`, `not_found` …), then
    any of those in NOTES.
    """

    category: str
    code: str
    message: str
    service: str
    operation: str
    region: str
    request_id: str | None = None
    http_status: int | None = None
    missing_action: str | None = None
    resource: str | None = None
    deny_source: str | None = None
    advice: str = ""
    retries: int = 0
    phase: str = "call"
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "notes": list(self.notes)}


class AWSError(Exception):
    """A failure with its facts; always raised as one of the six categories."""

    category: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.category = cls.__name__

    def __init__(self, facts: ErrorFacts) -> None:
        super().__init__(f"{facts.category}: {facts.code}: {facts.message}")
        self.facts = facts

    def noted(self, *notes: str) -> Self:
        """The same failure with more notes: `catalog_fault`, for one."""
        return type(self)(replace(self.facts, notes=(*self.facts.notes, *notes)))

    def __reduce__(self) -> tuple[type["AWSError"], tuple[ErrorFacts]]:
        return type(self), (self.facts,)


class AWSAuthenticationError(AWSError):
    """Who we are was not believed: key, signature, session."""


class AWSPermissionError(AWSError):
    """We are believed, and may not."""


class AWSServiceLimitError(AWSError):
    """Throttled, or a quota or capacity is used up."""


class AWSServiceError(AWSError):
    """The service failed, or refused what was asked."""


class AWSConnectivityError(AWSError):
    """No complete answer came back."""


class AWSConfigurationError(AWSError):
    """Our own request or settings were wrong."""


CATEGORIES: tuple[type[AWSError], ...] = (
    AWSAuthenticationError,
    AWSPermissionError,
    AWSServiceLimitError,
    AWSServiceError,
    AWSConnectivityError,
    AWSConfigurationError,
)

CATEGORY: dict[Kind, type[AWSError]] = {
    Kind.AUTHENTICATION: AWSAuthenticationError,
    Kind.EXPIRED: AWSAuthenticationError,
    Kind.PERMISSION: AWSPermissionError,
    Kind.NOT_SUBSCRIBED: AWSPermissionError,
    Kind.THROTTLING: AWSServiceLimitError,
    Kind.QUOTA: AWSServiceLimitError,
    Kind.CAPACITY: AWSServiceLimitError,
    Kind.UNAVAILABLE: AWSServiceError,
    Kind.NOT_FOUND: AWSServiceError,
    Kind.CONFLICT: AWSServiceError,
    Kind.VALIDATION: AWSServiceError,
    Kind.REFUSED: AWSServiceError,
    Kind.UNCLASSIFIED: AWSServiceError,
    Kind.UNREADABLE: AWSServiceError,
    Kind.CONNECTIVITY: AWSConnectivityError,
    Kind.CONFIGURATION: AWSConfigurationError,
}
# What our own findings are, when nothing more is said.
_KIND_OF_CATEGORY: dict[type[AWSError], Kind] = {
    AWSAuthenticationError: Kind.AUTHENTICATION,
    AWSPermissionError: Kind.PERMISSION,
    AWSServiceLimitError: Kind.QUOTA,
    AWSServiceError: Kind.UNREADABLE,
    AWSConnectivityError: Kind.CONNECTIVITY,
    AWSConfigurationError: Kind.CONFIGURATION,
}
_NO_DENIAL = Denial(action=None, resource=None, source=None, explicit=None)
PLATFORM_FAULT = "platform_fault"
# What may stand beside the kind, and what it says.
NOTES: Mapping[str, str] = {
    "explicit_deny": "a policy denies the action, so allowing it elsewhere is no help",
    "encoded_reason": "the message carries AWS's reason in an encoded form",
    "possible_region_disabled": "the region must be opted in to, and a disabled region "
    "answers a valid key in this way too",
    "ambiguous": "AWS answered a status without a code: a denial, or nothing there",
    "catalog_fault": "a derived listing was refused its parameters: the catalog errs",
    PLATFORM_FAULT: "Cloudrota failed before it asked AWS: the account is not to blame",
}


def catalog_fault(failure: AWSError) -> AWSError:
    """The failure of a derived listing: refused parameters are a fault of the catalog.

    Any other failure is returned as it is.
    """
    if Kind.VALIDATION not in failure.facts.notes:
        return failure
    advice = CATALOG_FAULT.format(operation=failure.facts.operation)
    return type(failure)(replace(failure.noted("catalog_fault").facts, advice=advice))


def category_of(service: str, code: str, http_status: int | None) -> type[AWSError]:
    """The category of an error that AWS answered with."""
    return CATEGORY[kind_of(service, code, http_status)]


def classify(
    error: BaseException,
    *,
    service: str,
    operation: str,
    region: str,
    phase: str = "call",
    retries: int = 0,
    iam_actions: tuple[str, ...] = (),
) -> AWSError:
    """The fact behind any exception of a call; an AWSError is returned as it is.

    `retries` are the requests sent beyond the first, `iam_actions` what the operation
    is known to need: the answer's own words win over them.
    """
    if isinstance(error, AWSError):
        return error
    call = _Call(service, operation, region, phase, retries, iam_actions)
    if isinstance(error, ClientError):
        return _answered(error.response, call)
    kind = kind_of_exception(error)
    if kind is Kind.CONNECTIVITY and phase == "call":
        call = _Call(service, operation, region, phase_of(error), retries, iam_actions)
    code = type(error).__name__
    return _fact(call, kind, code, str(error) or code)


def error(  # noqa: PLR0913 - one keyword per fact
    category: type[AWSError],
    *,
    code: str,
    message: str,
    service: str,
    operation: str,
    region: str,
    phase: str = "call",
    retries: int = 0,
    resource: str | None = None,
    advice: str | None = None,
    notes: tuple[str, ...] = (),
) -> AWSError:
    """A finding of our own: `account_mismatch`, `repeated_token`, `page_cap` …"""
    kind = _KIND_OF_CATEGORY[category]
    situation = Situation(
        kind=kind,
        code=code,
        service=service,
        operation=operation,
        region=region,
        phase=phase,
    )
    return category(
        ErrorFacts(
            category=category.category,
            code=code,
            message=clean_message(message),
            service=service,
            operation=operation,
            region=region,
            resource=clean_message(resource) if resource else None,
            advice=advice or advise(situation),
            retries=retries,
            phase=phase,
            notes=notes,
        )
    )


@dataclass(frozen=True, slots=True)
class _Call:
    service: str
    operation: str
    region: str
    phase: str
    retries: int
    iam_actions: tuple[str, ...]

    @property
    def is_opt_in_region(self) -> bool:
        return (
            self.region in service_models.regions()
            and self.region not in service_models.ALWAYS_ENABLED_REGIONS
        )


def _answered(response: Mapping[str, Any], call: _Call) -> AWSError:
    said = response.get("Error", {})
    meta = response.get("ResponseMetadata", {})
    status = meta.get("HTTPStatusCode")
    code = str(said.get("Code") or status or "Unknown")
    kind = kind_of(call.service, code, status)
    return _fact(
        call,
        kind,
        code,
        str(said.get("Message") or code),
        status=status,
        request_id=meta.get("RequestId") or response.get("RequestId"),
        bare=code == str(status),
    )


def _fact(
    call: _Call,
    kind: Kind,
    code: str,
    message: str,
    *,
    status: int | None = None,
    request_id: str | None = None,
    bare: bool = False,
) -> AWSError:
    denial = read_denial(message) if kind is Kind.PERMISSION else _NO_DENIAL
    actions = (denial.action,) if denial.action else call.iam_actions
    disabled = kind is Kind.AUTHENTICATION and call.is_opt_in_region
    marks = {
        str(kind): True,
        "explicit_deny": denial.explicit is True,
        "encoded_reason": denial.encoded,
        "possible_region_disabled": disabled or code == "RegionDisabledException",
        "ambiguous": bare and kind is Kind.PERMISSION,
    }
    situation = Situation(
        kind=kind,
        code=code,
        service=call.service,
        operation=call.operation,
        region=call.region,
        phase=call.phase,
        actions=actions,
        deny_source=denial.source,
        explicit_deny=denial.explicit is True,
        encoded_reason=denial.encoded,
        opt_in_region=disabled,
    )
    category = CATEGORY[kind]
    one_action = actions[0] if len(actions) == 1 and kind is Kind.PERMISSION else None
    return category(
        ErrorFacts(
            category=category.category,
            code=clean_message(code[:CODE_LIMIT]),
            message=clean_message(message),
            service=call.service,
            operation=call.operation,
            region=call.region,
            request_id=clean_message(request_id) if request_id else None,
            http_status=status,
            missing_action=one_action,
            resource=clean_message(denial.resource) if denial.resource else None,
            deny_source=denial.source,
            advice=advise(situation),
            retries=call.retries,
            phase=call.phase,
            notes=tuple(mark for mark, holds in marks.items() if holds),
        )
    )
