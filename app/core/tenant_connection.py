"""A connection to PostgreSQL that begins a transaction and says whose it is in one
round trip, of which every request and every step of a job has one less by that."""

from collections.abc import Mapping
from typing import Any

import asyncpg

# For the transaction alone, so that a pooled connection carries nothing over.
_SET_TENANT = (
    "SELECT set_config('app.organization_id', {organization_id}, true),"
    " set_config('app.user_id', {user_id}, true),"
    " set_config('app.actor', {actor}, true);"
)


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
    """A transaction of which nobody said whose it is has no tenant and sees nothing."""

    _opening = ""

    def begin_next_as(self, tenant: Mapping[str, str] | None) -> None:
        """The next transaction is for this organization, user and actor; the one after
        it is nobody's again."""
        quoted = {name: _literal(value) for name, value in (tenant or {}).items()}
        self._opening = _SET_TENANT.format(**quoted) if quoted else ""

    async def execute(self, query: str, *args: object, **options: Any) -> Any:
        """As the driver's; what the driver begins is the tenant's."""
        if not query.startswith("BEGIN"):
            if self._opening:
                raise RuntimeError("the transaction that was announced has not begun")
            return await super().execute(query, *args, **options)
        opening, self._opening = self._opening, ""
        try:
            return await super().execute(query + opening, **options)
        except BaseException:
            # It may have begun, and nobody would end it.
            self.terminate()
            raise


def _literal(value: str) -> str:
    """Nothing but a quote could end it, or a backslash where a server is set so."""
    if "\\" in value:
        raise ValueError("whoever acts has no backslash in the name")
    return "'" + value.replace("'", "''") + "'"
