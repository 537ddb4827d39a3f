"""AWS KMS as the product uses it, at the fake AWS: data keys that open again under the
same key and context, and whatever is to go wrong."""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.aws.kms import KmsKey, endpoint
from app.aws.session import AWSKeys, PlatformSession
from app.core.crypto import Keyring
from app.core.secret import Secret
from tests.aws.fake_aws import Asked, FakeAWS
from tests.aws.faults import Fault, Refused

PLATFORM_KEY = "AKIAPLATFORMOFTESTS0"
ARN = "arn:aws:kms:eu-central-1:829940517736:key/{}"


def session() -> PlatformSession:
    keys = AWSKeys(PLATFORM_KEY, Secret("a-secret-of-the-fake"))
    return PlatformSession(keys, endpoint(None))


def kms_key(key_id: str) -> KmsKey:
    return KmsKey(session(), key_id, ARN.format(key_id))


def ring(*key_ids: str) -> Keyring:
    """Keys of KMS, of which the last is active."""
    return Keyring({one: kms_key(one) for one in key_ids}, key_ids[-1])


@dataclass
class FakeKms:
    """`fault` says what goes wrong with a call, `meanwhile` is done in each; `asked`
    has the calls as they came."""

    fault: Callable[[Asked], Fault | None] = lambda _: None
    meanwhile: Callable[[Asked], None] = lambda _: None
    asked: list[Asked] = field(default_factory=list)
    made: dict[bytes, tuple[str, Mapping[str, str], bytes]] = field(
        default_factory=dict
    )

    @property
    def plain_keys(self) -> Collection[bytes]:
        return [plain for _, _, plain in self.made.values()]

    @contextmanager
    def answering(self) -> Iterator["FakeKms"]:
        """For every session that is made meanwhile."""
        with self.at(FakeAWS()).everywhere():
            yield self

    def at(self, fake: FakeAWS) -> FakeAWS:
        """The fake, with this as its KMS."""
        fake.judge = self._judge
        fake.answers |= {
            "kms:GenerateDataKey": self._generate,
            "kms:Decrypt": self._decrypt,
        }
        return fake

    def _judge(self, asked: Asked) -> Fault | None:
        if asked.service != "kms":
            return None
        self.asked.append(asked)
        self.meanwhile(asked)
        if (wrong := self.fault(asked)) is not None:
            return wrong
        if asked.operation != "Decrypt":
            return None
        arn, context, _ = self.made.get(asked.params["CiphertextBlob"], ("", {}, b""))
        if context != asked.params["EncryptionContext"]:
            return Refused("InvalidCiphertextException")
        return (
            None if arn == asked.params["KeyId"] else Refused("IncorrectKeyException")
        )

    def _generate(self, asked: Asked) -> dict[str, Any]:
        plain, wrapped = secrets.token_bytes(32), secrets.token_bytes(184)
        context = dict(asked.params["EncryptionContext"])
        self.made[wrapped] = (asked.params["KeyId"], context, plain)
        return {"Plaintext": plain, "CiphertextBlob": wrapped}

    def _decrypt(self, asked: Asked) -> dict[str, Any]:
        return {"Plaintext": self.made[asked.params["CiphertextBlob"]][2]}


def refuse(code: str, *, operation: str = "", key_id: str = "") -> Any:
    """A fault of every call, or of one operation or key."""

    def fault(asked: Asked) -> Fault | None:
        is_meant = asked.operation.startswith(operation)
        return Refused(code) if is_meant and key_id in asked.params["KeyId"] else None

    return fault
