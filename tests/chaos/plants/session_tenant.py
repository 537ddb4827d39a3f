"""The tenant is set for the connection, not for the transaction, and only where there
is one: a pooled connection takes it along."""

from typing import Any

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.core import db
from tests.chaos.plants import replace

_SET = text("SELECT set_config('app.organization_id', :organization_id, false)")


def plant() -> None:
    replaced = db._set_tenant_for_transaction  # noqa: SLF001 — what is sabotaged
    event.remove(Session, "after_begin", replaced)

    def _set_tenant(session: Session, _: Any, connection: Any) -> None:
        tenant = session.info.get("tenant")
        if tenant is not None and tenant["organization_id"]:
            connection.execute(_SET, tenant)

    event.listen(Session, "after_begin", _set_tenant)
    replace(db, "_set_tenant_for_transaction", _set_tenant)
