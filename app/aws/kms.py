"""Key-encryption keys that never leave AWS KMS, asked with the deployment's own
identity. What KMS says is about our key, and never about a customer's account."""

from collections.abc import Mapping
from typing import Any

import structlog

from app.aws.call import Guard, call
from app.aws.error_codes import Kind
from app.aws.errors import AWSError, ErrorFacts
from app.aws.session import Endpoint, PlatformSession
from app.core.crypto import (
    DataKey,
    KeyServiceUnavailable,
    Place,
    Reason,
    Undecryptable,
)

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 2
READ_SECONDS = 3
ATTEMPTS = 2  # people wait for it: some ten seconds are the most

_KEY_SPEC = "AES_256"
_LARGEST = 6144  # bytes that KMS takes
# The value, its context or its key is another one than was wrapped.
_ALTERED = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_OF_THE_KEY: Mapping[str, Reason] = {
    "DisabledException": "disabled",
    "KMSInvalidStateException": "disabled",  # waits for its deletion
    "NotFoundException": "disabled",
    "InvalidKeyUsageException": "disabled",
    "KeyUnavailableException": "away",
    "DependencyTimeoutException": "away",
    "KMSInternalException": "away",
}
_OF_THE_KIND: Mapping[str, Reason] = {
    Kind.PERMISSION: "denied",
    Kind.NOT_SUBSCRIBED: "denied",
    Kind.AUTHENTICATION: "denied",
    Kind.EXPIRED: "denied",
    Kind.THROTTLING: "throttled",
    Kind.QUOTA: "throttled",
    Kind.CONNECTIVITY: "away",
    Kind.UNAVAILABLE: "away",
}


def endpoint(url: str | None) -> Endpoint:
    """Patience for KMS; `url` None is AWS itself."""
    return Endpoint(
        url,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        total_max_attempts=ATTEMPTS,
    )


class KmsKey:
    """One symmetric key of KMS, by its ARN. The place is the encryption context: KMS
    unwraps a data key nowhere else, and its trail names what was opened."""

    def __init__(self, session: PlatformSession, key_id: str, arn: str) -> None:
        self._session = session
        self._key_id = key_id
        self._arn = arn
        self._region = arn.split(":")[3]

    def new_data_key(self, place: Place) -> DataKey:
        try:
            made = self._ask("GenerateDataKey", place, KeySpec=_KEY_SPEC)
        except AWSError as failure:
            raise self._unavailable(failure.facts) from failure
        return DataKey(made["Plaintext"], made["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, place: Place) -> bytes:
        if not 0 < len(wrapped) <= _LARGEST:
            raise Undecryptable("The wrapped key was altered.")
        try:
            opened = self._ask("Decrypt", place, CiphertextBlob=wrapped)
        except AWSError as failure:
            facts = failure.facts
            is_odd = Kind.VALIDATION in facts.notes and facts.code not in _OF_THE_KEY
            if is_odd or facts.code in _ALTERED:
                raise Undecryptable("The value or its place was altered.") from failure
            raise self._unavailable(facts) from failure
        plain: bytes = opened["Plaintext"]
        return plain

    def _ask(self, operation: str, place: Place, **params: Any) -> Any:
        return call(
            self._session,
            service="kms",
            operation=operation,
            region=self._region,
            guard=Guard(),
            params={
                # Named even to decrypt: of another key nothing is accepted.
                "KeyId": self._arn,
                "EncryptionContext": place.context(),
                **params,
            },
            iam_actions=(f"kms:{operation}",),
            phase="keys",
        )

    def _unavailable(self, facts: ErrorFacts) -> KeyServiceUnavailable:
        kind = facts.notes[0] if facts.notes else ""
        reason = _OF_THE_KEY.get(facts.code) or _OF_THE_KIND.get(kind, "failed")
        log.error(
            "keys.unavailable",
            key_id=self._key_id,
            reason=reason,
            operation=facts.operation,
            code=facts.code,
            request_id=facts.request_id,
        )
        return KeyServiceUnavailable(self._key_id, reason)
