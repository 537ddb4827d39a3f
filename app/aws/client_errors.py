"""Which kind of failure an exception of our own side is: botocore, urllib3, sockets."""

import ssl

import urllib3.exceptions
from botocore import exceptions as botocore
from botocore.discovery import EndpointDiscoveryRefreshFailed
from botocore.parsers import ResponseParserError

from app.aws.error_codes import Kind

# The most specific class decides; a botocore exception not under any of these is
# `configuration`: a parameter, a setting or a request of ours that cannot be.
_KINDS: dict[type[BaseException], Kind] = {
    # keys and sessions that are not there, not whole, or not renewable
    botocore.CredentialRetrievalError: Kind.AUTHENTICATION,
    botocore.InfiniteLoopConfigError: Kind.AUTHENTICATION,  # of role profiles
    botocore.InvalidIMDSEndpointError: Kind.AUTHENTICATION,
    botocore.InvalidIMDSEndpointModeError: Kind.AUTHENTICATION,
    botocore.LoginError: Kind.AUTHENTICATION,
    botocore.MetadataRetrievalError: Kind.AUTHENTICATION,
    botocore.NoAuthTokenError: Kind.AUTHENTICATION,
    botocore.NoCredentialsError: Kind.AUTHENTICATION,
    botocore.PartialCredentialsError: Kind.AUTHENTICATION,
    botocore.RefreshWithMFAUnsupportedError: Kind.AUTHENTICATION,
    botocore.SSOError: Kind.AUTHENTICATION,
    botocore.TokenRetrievalError: Kind.AUTHENTICATION,
    botocore.UnknownCredentialError: Kind.AUTHENTICATION,
    botocore.UnknownSignatureVersionError: Kind.AUTHENTICATION,
    botocore.UnknownTokenProviderError: Kind.AUTHENTICATION,
    botocore.UnsupportedSignatureVersionError: Kind.AUTHENTICATION,
    botocore.LoginRefreshRequired: Kind.EXPIRED,
    botocore.UnauthorizedSSOTokenError: Kind.EXPIRED,
    # no complete answer
    botocore.ConnectionError: Kind.CONNECTIVITY,
    botocore.HTTPClientError: Kind.CONNECTIVITY,
    botocore.IncompleteReadError: Kind.CONNECTIVITY,
    botocore.InvalidProxiesConfigError: Kind.CONNECTIVITY,
    EndpointDiscoveryRefreshFailed: Kind.CONNECTIVITY,
    urllib3.exceptions.HTTPError: Kind.CONNECTIVITY,
    ssl.SSLError: Kind.CONNECTIVITY,
    OSError: Kind.CONNECTIVITY,
    # an answer, and nothing that can be relied on in it, or a protocol we do not speak
    botocore.AwsChunkedWrapperError: Kind.UNREADABLE,
    botocore.ChecksumError: Kind.UNREADABLE,
    botocore.EventStreamError: Kind.UNREADABLE,
    botocore.FlexibleChecksumError: Kind.UNREADABLE,
    botocore.PaginationError: Kind.UNREADABLE,
    ResponseParserError: Kind.UNREADABLE,
    botocore.UnsupportedServiceProtocolsError: Kind.UNREADABLE,
    botocore.WaiterError: Kind.UNREADABLE,
    botocore.CapacityNotAvailableError: Kind.THROTTLING,
    botocore.BotoCoreError: Kind.CONFIGURATION,
    botocore.UndefinedModelAttributeError: Kind.CONFIGURATION,
}

_CONNECTING: tuple[type[BaseException], ...] = (
    botocore.ConnectionError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ConnectionRefusedError,
)


def kind_of_exception(failure: BaseException) -> Kind:
    """The kind of an exception that carries no answer of AWS.

    What is neither botocore's nor the network's came out of reading the answer
    (a MemoryError of the CBOR parser, a date that is none): it is unreadable.
    """
    return next(
        (_KINDS[one] for one in type(failure).__mro__ if one in _KINDS),
        Kind.UNREADABLE,
    )


def phase_of(failure: BaseException) -> str:
    """Where a connection broke: `connect` or `read`."""
    return "connect" if isinstance(failure, _CONNECTING) else "read"
