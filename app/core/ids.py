"""Ids: UUIDv7 (RFC 9562), made by the application, so that they sort by time on any
PostgreSQL."""

import secrets
from uuid import UUID

from app.core.clock import unix_milliseconds


def new_id() -> UUID:
    """48 bits of Unix milliseconds, version and variant, 74 random bits."""
    value = (unix_milliseconds() & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
