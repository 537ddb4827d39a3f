"""Which kind of failure an AWS error code is: tables and patterns, in one order."""

import re
from enum import StrEnum
from http import HTTPStatus

from app.aws import service_models

CODE_LIMIT = 256  # characters of a code that are looked at; AWS's longest has 68


class Kind(StrEnum):
    """What went wrong, finer than the six categories; kept among an error's notes."""

    AUTHENTICATION = "authentication"
    EXPIRED = "expired"
    PERMISSION = "permission"
    NOT_SUBSCRIBED = "not_subscribed"
    THROTTLING = "throttling"
    QUOTA = "quota"
    CAPACITY = "capacity"
    UNAVAILABLE = "unavailable"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    VALIDATION = "validation"
    REFUSED = "refused"  # a 4xx that says no more
    UNCLASSIFIED = "unclassified"  # neither code nor status says anything
    UNREADABLE = "unreadable"  # the answer could not be understood
    CONNECTIVITY = "connectivity"
    CONFIGURATION = "configuration"


EXACT: dict[Kind, tuple[str, ...]] = {
    Kind.AUTHENTICATION: (
        "AuthFailure",
        "AuthorizationHeaderMalformed",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSecurity",
        "InvalidSignature",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "MissingSecurityHeader",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ),
    Kind.EXPIRED: (
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "RequestExpiredException",
        "TokenRefreshRequired",
    ),
    Kind.PERMISSION: (
        "AccountProblem",
        "AllAccessDisabled",
        "Blocked",
        "PendingVerification",
        "UnauthorizedException",
    ),
    Kind.NOT_SUBSCRIBED: (
        "NotSignedUp",
        "OptInRequired",
        "OptInRequiredException",
        "ProductionAccessNotGranted",
        "SubscriptionRequiredException",
    ),
    Kind.THROTTLING: (
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
    ),
    Kind.CAPACITY: (
        "InsufficientAddressCapacity",
        "InsufficientHostCapacity",
        "InsufficientInstanceCapacity",
        "InsufficientReservedInstanceCapacity",
        "InsufficientVolumeCapacity",
        "Unsupported.InsufficientCapacity",
    ),
    Kind.UNAVAILABLE: (
        "RequestTimeout",
        "RequestTimeoutException",
    ),
    Kind.CONFLICT: (
        "InvalidObjectState",
        "ResourceNotReadyException",
        "ServiceQuotaTemplateNotInUseException",
    ),
    Kind.VALIDATION: (
        "ExpiredIteratorException",
        "ExpiredNextTokenException",
        "InvalidCodeSignatureException",
        "InvalidLimitException",
        "KMSInvalidSignatureException",
        "PermanentRedirect",
        "UnknownOperationException",
    ),
}
_EXACT_KIND = {code: kind for kind, codes in EXACT.items() for code in codes}

# The same code means another thing at these services.
BY_SERVICE: dict[tuple[str, str], Kind] = {
    ("stepfunctions", "InvalidToken"): Kind.VALIDATION,  # a task's token
    ("swf", "OperationNotPermittedFault"): Kind.PERMISSION,
}

# Alternatives only, no nested repetition: each is linear in the code's length.
THROTTLE_NAME = re.compile(
    r"Throttl|SlowDown|^TooManyRequests?(?:E|$)|^RequestLimitExceeded|RateLimit"
    r"|APICallRate|^RequestRate|^ApiLimitExceeded|ProvisionedThroughputExceeded"
)
_AUTHENTICATION_NAME = re.compile(
    r"Unauthenticated|AuthenticationFail|^AuthException|AuthenticationToken"
    r"|InvalidClientTokenId|InvalidAccessKey|SignatureDoesNotMatch"
    r"|IncompleteSignature|InvalidSignature|InvalidCredentials|^InvalidClientException"
    r"|IncorrectAuthentication|AuthenticationException|^InvalidGrantE"
    r"|^InvalidIdentityToken|UnrecognizedClient|^OAuthProvider|^RefreshTokenReuse"
)
_EXPIRED_NAME = re.compile(r"^ExpiredToken|^SessionExpired|^LoginExpired")
_PERMISSION_NAME = re.compile(
    r"AccessDenied|AccessForbidden|^Forbidden|^Unauthori[sz]ed|^NotAuthorized"
    r"|^Authorization(?:Error|Exception)|NoAuthorization|InsufficientPermission"
    r"|InsufficientPrivilege|MissingPermission|InsufficientIAMAccess"
    r"|AccessPermissionException|Insufficient\w{0,40}Permission|Access\w{0,40}Denied"
    r"|PermissionException$|PermissionIssue|AccessNotEnabled|UnableToAccess"
    r"|FailedResourceAccess|NotAccessible|InvalidAccessException|^BlockedByOrg"
)
_NOT_SUBSCRIBED_NAME = re.compile(r"OptInRequired|SubscriptionRequired")
_CAPACITY_NAME = re.compile(
    r"^Insufficient\w{0,60}Capacity|CapacityNotAvailable|OutOfCapacity"
)
_QUOTA_NAME = re.compile(
    r"LimitExceed|LimitsExceed|LimitReached|Quota|TooMany|ExceedsLimit"
    r"|^Max\w{0,80}Exceeded|^Maximum|NumberExceeded|ExceededException$|SizeExceeded"
    r"|ExceededLimit|^OverLimit|Limit(?:Exception)?$|LimitWillExceed"
)
_UNAVAILABLE_NAME = re.compile(
    r"^Internal|InternalError|InternalFailure|InternalService|ServiceUnavailable"
    r"|ServerE(?:rror|xception)|ServiceFailure|^ServiceException$|^ServerInternal"
    r"|TemporarilyUnavailable|DependencyFailure|Timeout|TimedOut|UnavailableException$"
    r"|ServiceException$"
)
_NOT_FOUND_NAME = re.compile(
    r"NotFound|NoSuch|DoesNotExist|NotExist|Non[Ee]xist|^NoLonger|^Unknown"
)
_CONFLICT_NAME = re.compile(
    r"Conflict|AlreadyE|Already|InUse|Concurrent|InProgress|OptimisticLock|Duplicate"
    r"|Invalid\w{0,60}Stat(?:e|us)|InvalidState|IllegalState|WrongState|Busy|NotEmpty"
    r"|HasDependen|DependencyViolation|DependentObject|StaleRequest|Exists|NotReady"
    r"|Stopped|Disabled|Modified|Revision|Locked|BeingDeleted|Precondition|Pending"
)
_VALIDATION_NAME = re.compile(
    r"Invalid|Validation|Malformed|^Missing|Unsupported|NotSupported|^Bad|Mismatch"
    r"|TooLong|TooLarge|TooShort|TooBig|OutOfRange|^Illegal|Incompatible|Required"
    r"|Unrecognized|NotValid|Parse|Syntax|Incorrect|Unexpected|Ambiguous"
)


EARLY_NAMES = (
    (_EXPIRED_NAME, Kind.EXPIRED),
    (_AUTHENTICATION_NAME, Kind.AUTHENTICATION),
    (_NOT_SUBSCRIBED_NAME, Kind.NOT_SUBSCRIBED),
    (_PERMISSION_NAME, Kind.PERMISSION),
    (_CAPACITY_NAME, Kind.CAPACITY),
    (_QUOTA_NAME, Kind.QUOTA),
)
STATUSES: dict[int, Kind] = {
    HTTPStatus.UNAUTHORIZED: Kind.AUTHENTICATION,
    HTTPStatus.PAYMENT_REQUIRED: Kind.QUOTA,
    HTTPStatus.FORBIDDEN: Kind.PERMISSION,
    HTTPStatus.NOT_FOUND: Kind.NOT_FOUND,
    HTTPStatus.CONFLICT: Kind.CONFLICT,
    HTTPStatus.GONE: Kind.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS: Kind.THROTTLING,
}
LATE_NAMES = (
    (_UNAVAILABLE_NAME, Kind.UNAVAILABLE),
    (_NOT_FOUND_NAME, Kind.NOT_FOUND),
    (_CONFLICT_NAME, Kind.CONFLICT),
    (_VALIDATION_NAME, Kind.VALIDATION),
)


def kind_of(service: str, code: str, status: int | None) -> Kind:
    """The kind of an answered error. The code wins over the HTTP status."""
    code = code[:CODE_LIMIT]
    return (
        BY_SERVICE.get((service, code))
        or _EXACT_KIND.get(code)
        or _throttling(service, code, status)
        or _first(EARLY_NAMES, code)
        or _by_status(status)
        or _first(LATE_NAMES, code)
        or _what_is_left(service, code, status)
    )


def _throttling(service: str, code: str, status: int | None) -> Kind | None:
    # Where a model says 429, `LimitExceeded` counts requests, elsewhere things.
    too_many = status == HTTPStatus.TOO_MANY_REQUESTS
    if (
        code in service_models.throttling_codes(service)
        or THROTTLE_NAME.search(code)
        or (too_many and code.startswith("LimitExceeded"))
    ):
        return Kind.THROTTLING
    return None


def _first(names: tuple[tuple[re.Pattern[str], Kind], ...], code: str) -> Kind | None:
    return next((kind for name, kind in names if name.search(code)), None)


def _by_status(status: int | None) -> Kind | None:
    if status is None:
        return None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Kind.UNAVAILABLE
    return STATUSES.get(status)


def _what_is_left(service: str, code: str, status: int | None) -> Kind:
    if code in service_models.fault_codes(service):
        return Kind.UNAVAILABLE
    if status is not None and status >= HTTPStatus.BAD_REQUEST:
        return Kind.REFUSED
    return Kind.UNCLASSIFIED
