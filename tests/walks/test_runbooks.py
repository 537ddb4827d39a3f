"""The SQL of the runbooks runs, under the login that its runbook tells to use."""

import re
from collections.abc import Iterator

import asyncpg
import pytest

from app.core.db import Login, database_url
from app.core.embedded import PostgresServer
from app.core.settings import Settings
from tests.walks.python import ROOT

_BLOCK = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
NOBODY = "'00000000-0000-0000-0000-000000000000'"


def _blocks() -> Iterator[tuple[str, str, str]]:
    """Runbook, the paragraph before a block of SQL, and the block."""
    for path in sorted((ROOT / "docs/runbooks").glob("*.md")):
        text = path.read_text("utf-8")
        for found in _BLOCK.finditer(text):
            prose = re.sub(r"```.*?```", "", text[: found.start()], flags=re.DOTALL)
            yield path.stem, prose.strip().rpartition("\n\n")[2], found[1]


BLOCKS = list(_blocks())


@pytest.mark.parametrize(
    ("runbook", "prose", "sql"), BLOCKS, ids=[runbook for runbook, _, _ in BLOCKS]
)
async def test_the_sql_of_a_runbook_runs(
    runbook: str,
    prose: str,
    sql: str,
    configured: Settings,
    postgres_server: PostgresServer,
) -> None:
    login = Login.OWNER if "owner login" in prose else Login.SYSTEM
    dsn = database_url(configured, login).replace("+asyncpg", "")
    if "superuser" in prose:
        database = dsn.rpartition("/")[2]
        dsn = f"{postgres_server.superuser_dsn.rpartition('/')[0]}/{database}"
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql.replace("'…'", NOBODY))
    finally:
        await connection.close()


def test_there_are_runbooks_with_sql() -> None:
    assert {"start", "worker-lost", "key-rotation"} <= {name for name, _, _ in BLOCKS}
