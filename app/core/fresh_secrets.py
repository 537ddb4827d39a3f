"""New secrets for an installation that makes its own: development's, and that of
docker-compose.yml."""

import base64
import json
import secrets


def fresh_secrets() -> dict[str, str]:
    """What signs, wraps and proves, by the names of the settings."""
    return {
        "SECRET_KEY": secrets.token_hex(32),
        "CREDENTIAL_KEYS": json.dumps({"local-1": _key()}),
        "CREDENTIAL_ACTIVE_KEY": "local-1",
        "EVIDENCE_SIGNING_KEY": _key(),
    }


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
