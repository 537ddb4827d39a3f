"""Where this deployment's key-encryption keys are, as its settings say: here, in AWS
KMS, or in both while it moves from one to the other."""

from app.aws import kms
from app.aws.kms import KmsKey
from app.core.crypto import KeyProvider, Keyring, LocalKey, WrappingKey, local_keys_of
from app.core.setting_faults import NotSet
from app.core.settings import Settings
from app.services.credential_opening import platform_session


def key_provider(settings: Settings) -> KeyProvider:
    """All keys that are named. Asks nobody: a key that is away is told when it is used.
    Raises NotSet where none is active."""
    if settings.credential_active_key is None:
        raise NotSet("CREDENTIAL_ACTIVE_KEY is not set")
    keys: dict[str, WrappingKey] = {
        key_id: LocalKey(key_id, key) for key_id, key in local_keys_of(settings).items()
    }
    if settings.credential_kms_keys:
        at = kms.endpoint(settings.aws_emulator_url)
        session = platform_session(settings, at)
        keys |= {
            key_id: KmsKey(session, key_id, arn)
            for key_id, arn in settings.credential_kms_keys.items()
        }
    return Keyring(keys, settings.credential_active_key)
