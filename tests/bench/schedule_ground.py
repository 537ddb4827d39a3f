"""Tenants with many tasks, made by the database itself, for the benchmarks of the
scheduler."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
from pydantic import SecretStr

from app.core.settings import Settings

TENANTS = 100
ACCOUNTS = 5  # of each tenant

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
# None of them is due again within the benchmark.
SCHEDULES = tuple(
    f'{{"kind": "cron", "expression": "{minute} 3 * * {days}", "timezone": "{zone}"}}'
    for minute in range(0, 60, 5)
    for days in ("*", "1-5", "1,3")
    for zone in ZONES
)
MINUTELY = tuple(
    f'{{"kind": "cron", "expression": "* * * * *", "timezone": "{zone}"}}'
    for zone in ZONES
)

_TABLES = "task_executions, task_runs, task_targets, task_versions, tasks"

_ACCOUNTS = """
INSERT INTO aws_accounts
  (id, organization_id, account_id, name, labels, exclusions, connected)
SELECT gen_random_uuid(), o.id, lpad(n::text, 12, '0'), 'Account ' || n, '{}', '[]',
  true
FROM organizations o CROSS JOIN generate_series(1, $1::int) n
"""

_TENANTS = """
INSERT INTO organizations (id, name, aws_external_id)
SELECT gen_random_uuid(), 'Tenant ' || n, gen_random_uuid()::text
FROM generate_series(1, $1::int) n
"""

_USER = """
INSERT INTO users (id, email, name)
VALUES (gen_random_uuid(), 'bench@example.com', 'Bench')
"""

# Each task of a tenant has the next of its accounts and the next of the schedules. Ids
# rise with time, as those that the application makes.
_TASKS = """
WITH tenants AS (
  SELECT o.id, row_number() OVER (ORDER BY o.id) - 1 AS number,
    array_agg(a.id ORDER BY a.account_id) AS accounts
  FROM organizations o JOIN aws_accounts a ON a.organization_id = o.id GROUP BY o.id
), wanted AS (
  SELECT uuidv7() AS id, uuidv7() AS version_id, n,
    t.id AS organization_id,
    t.accounts[1 + n / (SELECT count(*) FROM tenants) % cardinality(t.accounts)]
      AS account_id,
    (SELECT id FROM users LIMIT 1) AS author,
    ($2::jsonb[])[1 + n % cardinality($2::jsonb[])] AS schedule
  FROM generate_series(1, $1::int) n
  JOIN tenants t ON t.number = n % (SELECT count(*) FROM tenants)
), made AS (
  INSERT INTO tasks (id, organization_id, name, kind, enabled, schedule, timezone,
    next_run_at, priority, overlap, misfire_grace_seconds, timeout_seconds, version,
    created_by)
  SELECT id, organization_id, 'Task ' || id, 'read', true, schedule,
    schedule ->> 'timezone', $3::timestamptz, 'normal', 'skip', $4::int, 900, 1,
    author
  FROM wanted
), versions AS (
  INSERT INTO task_versions (id, organization_id, task_id, version, name, type,
    services, regions, targets, parameters, schedule, on_error, priority, overlap,
    misfire_grace_seconds, timeout_seconds, notifications, author_id)
  SELECT version_id, organization_id, id, 1, 'Task ' || id, 'resource_list', '["ec2"]',
    '["eu-central-1"]', '{}', '{}', schedule, 'stop', 'normal', 'skip', $4::int, 900,
    '{}', author
  FROM wanted
)
INSERT INTO task_targets (organization_id, task_id, aws_account_id)
SELECT organization_id, id, account_id FROM wanted
"""


def plain(url: SecretStr | None) -> str:
    """A URL of the settings as asyncpg itself reads it."""
    assert url is not None
    return url.get_secret_value().replace("postgresql+asyncpg", "postgresql")


@asynccontextmanager
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A bare connection that may do everything to the tables."""
    connection = await asyncpg.connect(plain(settings.database_owner_url))
    try:
        yield connection
    finally:
        await connection.close()


async def settle(connection: asyncpg.Connection, tenants: int = TENANTS) -> None:
    """Tenants and their accounts, without a task."""
    await connection.execute(_USER)
    await connection.execute(_TENANTS, tenants)
    await add_accounts(connection)


async def add_accounts(connection: asyncpg.Connection) -> None:
    """Accounts for each tenant."""
    await connection.execute(_ACCOUNTS, ACCOUNTS)


async def add_tasks(
    connection: asyncpg.Connection,
    number: int,
    *,
    next_run_at: datetime,
    schedules: Sequence[str] = SCHEDULES,
    grace_seconds: int = 300,
) -> None:
    """So many enabled tasks more, all due at `next_run_at`."""
    await connection.execute(
        _TASKS, number, list(schedules), next_run_at, grace_seconds
    )
    await connection.execute("VACUUM (ANALYZE) tasks, task_versions, task_targets")


async def clear_runs(connection: asyncpg.Connection) -> None:
    """No run, no execution."""
    await connection.execute("TRUNCATE task_executions, task_runs CASCADE")


async def clear(connection: asyncpg.Connection) -> None:
    """No task, no run, no execution."""
    await connection.execute(f"TRUNCATE {_TABLES} CASCADE")
