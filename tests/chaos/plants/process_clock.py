"""Time is the process's: with SQL that makes `app_now()` read it from the client."""

import time
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.core import db

SQL = """
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
SELECT coalesce(
  to_timestamp(nullif(current_setting('app.clock', true), '')::float8),
  clock_timestamp()) $$;
"""
_TELL = text("SELECT set_config('app.clock', :clock, true)")


def plant() -> None:
    # The transaction is its tenant's before anything is asked in it.
    assert event.contains(Session, "after_begin", db._set_tenant_for_transaction)  # noqa: SLF001

    @event.listens_for(Session, "after_begin")
    def _tell(_: Session, __: Any, connection: Any) -> None:
        connection.execute(_TELL, {"clock": str(time.time())})
