"""Writes what docker-compose.yml is not to know: secrets, and the URLs that hold them.
`python -m app.core.compose_env` prints a new set; `make compose-up` keeps one."""

import secrets
import shlex
import sys

from app.core.fresh_secrets import fresh_secrets

# The hosts are services of docker-compose.yml.
_POSTGRES = "postgres:5432"
_VALKEY = "valkey:6379"
_LOGINS = {
    "DATABASE_URL": "cloudrota_app",
    "DATABASE_WORKER_URL": "cloudrota_worker",
    "DATABASE_SYSTEM_URL": "cloudrota_system",
    "DATABASE_OWNER_URL": "cloudrota_owner",
}


def variables() -> dict[str, str]:
    """Fresh ones each time: who has data already keeps the old ones."""
    superuser, valkey = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    return {
        **fresh_secrets(),
        **{name: _url(login, "cloudrota") for name, login in _LOGINS.items()},
        "POSTGRES_PASSWORD": superuser,
        "DATABASE_BOOTSTRAP_URL": _url("postgres", "postgres", superuser),
        "VALKEY_PASSWORD": valkey,
        "REDIS_URL": f"redis://:{valkey}@{_VALKEY}/0",
        "METRICS_TOKEN": secrets.token_urlsafe(32),
    }


def _url(login: str, database: str, password: str | None = None) -> str:
    password = password or secrets.token_urlsafe(24)
    return f"postgresql+asyncpg://{login}:{password}@{_POSTGRES}/{database}"


def main() -> None:
    for name, value in variables().items():
        sys.stdout.write(f"{name}={shlex.quote(value)}\n")


if __name__ == "__main__":
    main()
