"""What is made to go wrong, and the category it must be told as: written by hand from
AWS's documents, and not asked of the classifier that is judged by it."""

from collections.abc import Mapping

from tests.aws.faults import NOISE, Broken, Fault, Refused, WebPage

_DENIAL = (
    "User: arn:aws:sts::123456789012:assumed-role/Cloudrota/run is not authorized to "
    "perform: cloudrota:Drill because no identity-based policy allows the "
    "cloudrota:Drill action"
)

EXPECTED: Mapping[str, tuple[Fault, ...]] = {
    "AWSServiceLimitError": (
        Refused("ThrottlingException", 400, "Rate exceeded"),
        Refused("Throttling", 400, "Rate exceeded"),
        Refused("SlowDown", 503),
        Refused("RequestLimitExceeded", 503),
        Refused("TooManyRequestsException", 429),
        Refused("LimitExceededException", 400),
        Refused("ServiceQuotaExceededException", 402),
    ),
    "AWSPermissionError": (
        Refused("AccessDenied", 403, _DENIAL),
        Refused("AccessDeniedException", 400, _DENIAL),
        Refused("UnauthorizedOperation", 403, "You are not authorized."),
        Refused("OptInRequired", 403),
    ),
    "AWSAuthenticationError": (
        Refused("ExpiredToken", 400),
        Refused("ExpiredTokenException", 403),
        Refused("InvalidClientTokenId", 403),
        Refused("UnrecognizedClientException", 400),
        Refused("AuthFailure", 401),
        Refused("SignatureDoesNotMatch", 403),
    ),
    "AWSServiceError": (
        Refused("ValidationException", 400),
        Refused("InvalidParameterValue", 400),
        Refused("MissingParameter", 400),
        Refused("InternalFailure", 500),
        Refused("InternalError", 500),
        Refused("ServiceUnavailable", 503),
        Refused("ConflictException", 409),
        Refused("ResourceNotFoundException", 404),
        Refused("SomethingNeverSeen", 400),
        WebPage("200", 200),
        WebPage("502", 502),
        NOISE,
    ),
    "AWSConnectivityError": (
        Broken("ConnectionClosedError"),
        Broken("ReadTimeoutError"),
        Broken("ConnectTimeoutError"),
        Broken("EndpointConnectionError"),
    ),
}

ALL: tuple[tuple[Fault, str], ...] = tuple(
    (fault, category) for category, faults in EXPECTED.items() for fault in faults
)
