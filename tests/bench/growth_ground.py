"""Histories and inventories of any size, made by the database itself, for the benchmark
of growth. What is added lies before all that was there, as if it had always been."""

import asyncpg

# So many rows in one statement.
_AT_ONCE = 100_000

# A finished run of each task in turn, a millisecond apart, with one execution, one unit
# and a result; one in seven failed, of a problem that is closed.
_EXECUTIONS = """
WITH numbered AS (
  SELECT t.organization_id, t.id AS task_id, v.id AS version_id, a.aws_account_id,
    row_number() OVER (ORDER BY t.id) - 1 AS number, count(*) OVER () AS of_all
  FROM tasks t
  JOIN task_versions v ON v.organization_id = t.organization_id AND v.task_id = t.id
  JOIN task_targets a ON a.organization_id = t.organization_id AND a.task_id = t.id
), wanted AS MATERIALIZED (
  SELECT o.*, uuidv7(-n * interval '1 ms') AS run_id,
    uuidv7(-n * interval '1 ms') AS id, now() - n * interval '1 ms' AS at,
    CASE WHEN n % 7 = 0 THEN 'failed' ELSE 'succeeded' END AS status
  FROM generate_series($1::bigint + 1, $2::bigint) n
  JOIN numbered o ON o.number = n % o.of_all
), runs AS (
  INSERT INTO task_runs (id, organization_id, task_id, task_version_id, trigger,
    scheduled_for, slots, status, created_at, finished_at)
  SELECT run_id, organization_id, task_id, version_id, 'schedule', at, 1, status, at, at
  FROM wanted
), executions AS (
  INSERT INTO task_executions (id, organization_id, task_id, run_id, aws_account_id,
    kind, priority, status, fence, attempt, retry_no, timeout_seconds, created_at,
    started_at, finished_at)
  SELECT id, organization_id, task_id, run_id, aws_account_id, 'read', 'normal', status,
    1, 1, 0, 900, at, at, at
  FROM wanted
), problems AS (
  INSERT INTO problems (id, organization_id, aws_account_id, fingerprint, category,
    code, status, count, first_at, last_at, last_execution_id, error, closed_at)
  SELECT id, organization_id, aws_account_id, id::text, 'AWSServiceError',
    'InternalError', 'closed', 1, at, at, id, '{}', at
  FROM wanted WHERE status = 'failed'
), units AS (
  INSERT INTO execution_units (id, organization_id, execution_id, kind, service, region,
    key, status, counts, calls, retries, started_at, finished_at)
  SELECT gen_random_uuid(), organization_id, id, 'list', 'ec2', 'eu-central-1',
    'ec2:DescribeInstances', status, '{"items": 3}', 1, 0, at, at
  FROM wanted
)
INSERT INTO task_results (id, organization_id, execution_id, verdict, counts, coverage,
  calls, retries, created_at)
SELECT gen_random_uuid(), organization_id, id, 'healthy', '{}', '{}', 1, 0, at
FROM wanted
"""

_SCOPES = """
WITH made AS (
  INSERT INTO scopes (id, organization_id, aws_account_id, kind, service, region, key,
    as_of, stale_at, counts)
  SELECT gen_random_uuid(), organization_id, id, 'list', 'lambda', 'eu-central-1',
    'lambda:ListFunctions', now(), now() + interval '1 day', '{}'
  FROM aws_accounts
  RETURNING id, organization_id
)
INSERT INTO scope_reads (id, organization_id, scope_id, read_at, catalog_version, items)
SELECT uuidv7(), organization_id, id, now(), 'bench', 0 FROM made
"""

# A present function of each account in turn, with the version that its scope's one read
# found; one in a hundred belongs to a team that few things belong to.
_RESOURCES = """
WITH numbered AS (
  SELECT s.organization_id, s.aws_account_id, s.id AS scope_id, r.id AS read_id,
    row_number() OVER (ORDER BY s.id) - 1 AS number, count(*) OVER () AS of_all
  FROM scopes s
  JOIN scope_reads r ON r.organization_id = s.organization_id AND r.scope_id = s.id
), wanted AS MATERIALIZED (
  SELECT o.*, n, uuidv7(-n * interval '1 ms') AS id,
    now() - n * interval '1 ms' AS at, 'function-' || n AS name
  FROM generate_series($1::bigint + 1, $2::bigint) n
  JOIN numbered o ON o.number = n % o.of_all
), things AS (
  INSERT INTO resources (id, organization_id, aws_account_id, scope_id, service, type,
    region, identity, arn, name, state, tags, first_seen_at, changed_at)
  SELECT id, organization_id, aws_account_id, scope_id, 'lambda', 'lambda:function',
    'eu-central-1', name,
    'arn:aws:lambda:eu-central-1:000000000001:function:' || name, name, 'Active',
    jsonb_build_object(
      'team', CASE WHEN n / of_all % 100 = 0 THEN 'few' ELSE 'many' END),
    at, at
  FROM wanted
)
INSERT INTO resource_versions (id, organization_id, resource_id, from_read, from_at,
  content_hash, document)
SELECT gen_random_uuid(), organization_id, id, read_id, at, md5(name),
  jsonb_build_object('FunctionName', name, 'Description', repeat('what it is for ', 40))
FROM wanted
"""

# An act in each tenant in turn, with its place in the chain; one in a thousand is rare.
_AUDIT_EVENTS = """
WITH numbered AS (
  SELECT id AS organization_id, row_number() OVER (ORDER BY id) - 1 AS number,
    count(*) OVER () AS of_all
  FROM organizations
), wanted AS MATERIALIZED (
  SELECT o.*, n, uuidv7(-n * interval '1 ms') AS id, now() - n * interval '1 ms' AS at
  FROM generate_series($1::bigint + 1, $2::bigint) n
  JOIN numbered o ON o.number = n % o.of_all
), acts AS (
  INSERT INTO audit_events (id, organization_id, at, actor, action, subject_type)
  SELECT id, organization_id, at, 'user:bench',
    CASE WHEN n / of_all % 1000 = 0 THEN 'task.delete' ELSE 'task.run' END, 'task'
  FROM wanted
)
INSERT INTO audit_links (organization_id, seq, event_id, previous_hash, hash)
SELECT organization_id, 1000000000 - n, id, sha256('before'), sha256('it')
FROM wanted
"""


async def add_executions(
    connection: asyncpg.Connection, before: int, until: int
) -> None:
    """As many as make `until` of them, of the tasks that there are."""
    await _add(connection, _EXECUTIONS, before, until)


async def add_scopes(connection: asyncpg.Connection) -> None:
    """A scope of each account, read once."""
    await connection.execute(_SCOPES)


async def add_resources(
    connection: asyncpg.Connection, before: int, until: int
) -> None:
    """As many as make `until` of them, of the scopes that there are."""
    await _add(connection, _RESOURCES, before, until)


async def add_audit_events(
    connection: asyncpg.Connection, before: int, until: int
) -> None:
    """As many as make `until` of them, each sealed."""
    await _add(connection, _AUDIT_EVENTS, before, until)
    await connection.execute("TRUNCATE audit_unsealed")


async def _add(
    connection: asyncpg.Connection, statement: str, before: int, until: int
) -> None:
    for start in range(before, until, _AT_ONCE):
        await connection.execute(statement, start, min(start + _AT_ONCE, until))
    await connection.execute("VACUUM (ANALYZE)")
