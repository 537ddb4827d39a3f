"""How PostgreSQL and Redis are connected to: where the URL asks for it, encrypted and
verified, or not at all."""

import ssl
from typing import Any
from urllib.parse import urlsplit

from app.core.server_urls import is_verified
from app.core.settings import Settings


def database_options(settings: Settings, url: str) -> dict[str, Any]:
    """What asyncpg is told beside the URL."""
    if not is_verified(url):
        return {}
    return {"ssl": ssl.create_default_context(cafile=settings.database_ca_file)}


def redis_options(settings: Settings) -> dict[str, Any]:
    """What Redis's client is told beside the URL. Celery's, told nothing, would take
    any certificate."""
    if urlsplit(settings.redis_url.get_secret_value()).scheme != "rediss":
        return {}
    return {
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
        "ssl_check_hostname": True,
        "ssl_ca_certs": settings.redis_ca_file,
        "ssl_min_version": ssl.TLSVersion.TLSv1_2,
    }
