"""An answer of PostgreSQL is waited for without end."""

from typing import Any

from app.core import db
from tests.chaos.plants import replace

_create = vars(db)["create_async_engine"]


def _create_patient(*arguments: Any, **options: Any) -> Any:
    del options["connect_args"]["command_timeout"]
    return _create(*arguments, **options)


def plant() -> None:
    replace(db, "create_async_engine", _create_patient)
