"""Writes docs/openapi.json: `python -m app.api.export`; with `--check` it only says
whether the file is fresh."""

import base64
import json
import pkgutil
import secrets
import sys
from pathlib import Path

from fastapi import FastAPI
from pydantic import SecretStr

from app.core.generated import write_or_check
from app.core.settings import Settings

FILE = Path(__file__).parents[2] / "docs/openapi.json"
# By name, as for uvicorn: this layer is below the one that makes the application.
_FACTORY = "app.main:create_app"


def render() -> str:
    """The document as text, the same wherever it is made."""
    app: FastAPI = pkgutil.resolve_name(_FACTORY)(_settings())
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


def _settings() -> Settings:
    """What an application needs to be made; nothing is connected to."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return Settings(
        _env_file=None,
        environment="development",
        public_url="http://127.0.0.1:8000",
        secret_key=SecretStr(secrets.token_urlsafe(48)),
        redis_url=SecretStr("redis://127.0.0.1"),
        credential_keys={"export": SecretStr(key)},
        credential_active_key="export",
    )


def main(arguments: list[str]) -> int:
    return write_or_check(FILE, render(), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
