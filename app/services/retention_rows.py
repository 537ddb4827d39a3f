"""Which rows are over, and how they are deleted: the statements of each kind, in the
order that foreign keys ask for. Each names the tenant and uses an index."""

from collections.abc import Mapping, Sequence

from sqlalchemy import TextClause, text

from app.models.purge import PurgeKind

# One execution with many units is deleted at once, else no more units than this.
MOST_UNITS = 5_000

# Answer the ids of up to `:most` rows that are over. Most kinds are deleted by that
# very statement; ids that others refer to are looked for only behind `:after`, so that
# those which must stay are gone over once.
OLD: Mapping[PurgeKind, TextClause] = {
    PurgeKind.DELIVERIES: text("""
DELETE FROM deliveries WHERE organization_id = :organization_id AND (at, id) IN (
  SELECT at, id FROM deliveries
  WHERE organization_id = :organization_id AND at < :until AND status <> 'pending'
  ORDER BY at LIMIT :most)
RETURNING id
"""),
    PurgeKind.NOTICES: text("""
DELETE FROM notices WHERE organization_id = :organization_id AND id IN (
  SELECT id FROM notices
  WHERE organization_id = :organization_id AND id < :young AND at < :until
    AND routed_at IS NOT NULL AND set_aside_at IS NULL
  ORDER BY id LIMIT :most)
RETURNING id
"""),
    PurgeKind.PROBLEMS: text("""
DELETE FROM problems WHERE organization_id = :organization_id AND id IN (
  SELECT id FROM problems
  WHERE organization_id = :organization_id AND id < :young AND closed_at < :until
  ORDER BY id LIMIT :most)
RETURNING id
"""),
    # What waits for a person stays, and what a problem or a file tells of.
    PurgeKind.EXECUTIONS: text("""
WITH old AS MATERIALIZED (
  SELECT e.id, (
    SELECT count(*) FROM execution_units u
    WHERE u.organization_id = e.organization_id AND u.execution_id = e.id) AS units
  FROM task_executions e
  WHERE e.organization_id = :organization_id
    AND e.id > :after AND e.id < :young AND e.finished_at < :until
    AND NOT EXISTS (
      SELECT FROM problems p
      WHERE p.organization_id = e.organization_id AND p.last_execution_id = e.id)
    AND NOT EXISTS (
      SELECT FROM artifacts a
      WHERE a.organization_id = e.organization_id AND a.execution_id = e.id
        AND a.status IN ('pending', 'ready'))
    AND (e.status <> 'interrupted' OR EXISTS (
      SELECT FROM execution_events v
      WHERE v.organization_id = e.organization_id AND v.execution_id = e.id
        AND v.kind = 'resolved'))
  ORDER BY e.id LIMIT least(:most, 500)
), counted AS (
  SELECT id, row_number() OVER up AS number, sum(units) OVER up AS units
  FROM old WINDOW up AS (ORDER BY id)
)
SELECT id FROM counted WHERE number = 1 OR units <= :most_units
"""),
    PurgeKind.RUNS: text("""
DELETE FROM task_runs WHERE organization_id = :organization_id AND id IN (
  SELECT r.id FROM task_runs r
  WHERE r.organization_id = :organization_id
    AND r.id > :after AND r.id < :young AND r.finished_at < :until
    AND NOT EXISTS (
      SELECT FROM task_executions e
      WHERE e.organization_id = r.organization_id AND e.run_id = r.id)
    AND NOT EXISTS (
      SELECT FROM task_runs c
      WHERE c.organization_id = r.organization_id AND c.root_run_id = r.id)
  ORDER BY r.id LIMIT :most)
RETURNING id
"""),
    # Under the lock of their scopes: a resource may be about to return. A scope that
    # is being merged is left for the next time.
    PurgeKind.RESOURCES: text("""
WITH old AS MATERIALIZED (
  SELECT id, scope_id FROM resources
  WHERE organization_id = :organization_id AND gone_at < :until
  ORDER BY gone_at LIMIT least(:most, 500)
), held AS MATERIALIZED (
  SELECT s.id FROM scopes s
  WHERE s.organization_id = :organization_id AND s.id IN (SELECT scope_id FROM old)
  ORDER BY s.id FOR UPDATE SKIP LOCKED
)
SELECT old.id FROM old JOIN held ON held.id = old.scope_id
"""),
    # Those of a resource that is gone are deleted with it.
    PurgeKind.RESOURCE_VERSIONS: text("""
DELETE FROM resource_versions WHERE organization_id = :organization_id AND id IN (
  SELECT v.id FROM resource_versions v
  WHERE v.organization_id = :organization_id AND v.until_read < :young
    AND v.until_at < :until
    AND NOT EXISTS (
      SELECT FROM resources r
      WHERE r.organization_id = v.organization_id AND r.id = v.resource_id
        AND r.gone_at < :until)
  ORDER BY v.until_read LIMIT :most)
RETURNING id
"""),
    PurgeKind.FINDINGS: text("""
DELETE FROM findings WHERE organization_id = :organization_id AND id IN (
  SELECT id FROM findings
  WHERE organization_id = :organization_id AND until_read < :young
    AND until_at < :until
  ORDER BY until_read LIMIT :most)
RETURNING id
"""),
    # The last read of a scope says how old what is known of it is; others stay as long
    # as a version or a finding begins or ends with them.
    PurgeKind.SCOPE_READS: text("""
DELETE FROM scope_reads WHERE organization_id = :organization_id AND id IN (
  SELECT r.id FROM scope_reads r
  WHERE r.organization_id = :organization_id
    AND r.id > :after AND r.id < :young AND r.read_at < :until
    AND r.execution_id IS NULL
    AND EXISTS (
      SELECT FROM scope_reads n
      WHERE n.organization_id = r.organization_id AND n.scope_id = r.scope_id
        AND n.read_at > r.read_at)
    AND NOT EXISTS (
      SELECT FROM resource_versions v
      WHERE v.organization_id = r.organization_id AND v.from_read = r.id)
    AND NOT EXISTS (
      SELECT FROM resource_versions v
      WHERE v.organization_id = r.organization_id AND v.until_read = r.id)
    AND NOT EXISTS (
      SELECT FROM findings f
      WHERE f.organization_id = r.organization_id AND f.from_read = r.id)
    AND NOT EXISTS (
      SELECT FROM findings f
      WHERE f.organization_id = r.organization_id AND f.until_read = r.id)
  ORDER BY r.id LIMIT :most)
RETURNING id
"""),
    PurgeKind.OUTBOX: text("""
DELETE FROM outbox WHERE organization_id = :organization_id AND id IN (
  SELECT id FROM outbox
  WHERE organization_id = :organization_id AND id > :after AND id < :young
    AND created_at < :until AND status <> 'pending'
  ORDER BY id LIMIT :most)
RETURNING id
"""),
    PurgeKind.IDEMPOTENCY_KEYS: text("""
DELETE FROM idempotency_keys
WHERE organization_id = :organization_id AND (actor, route, key) IN (
  SELECT actor, route, key FROM idempotency_keys
  WHERE organization_id = :organization_id AND created_at < :until
  ORDER BY created_at LIMIT :most)
RETURNING organization_id
"""),
}

# What goes with the rows of these ids, and then those rows themselves.
WITH: Mapping[PurgeKind, Sequence[TextClause]] = {
    PurgeKind.EXECUTIONS: (
        text("""
DELETE FROM execution_units
WHERE organization_id = :organization_id AND execution_id = ANY (CAST(:ids AS uuid[]))
"""),
        text("""
DELETE FROM task_results
WHERE organization_id = :organization_id AND execution_id = ANY (CAST(:ids AS uuid[]))
"""),
        text("""
DELETE FROM execution_events
WHERE organization_id = :organization_id AND execution_id = ANY (CAST(:ids AS uuid[]))
"""),
        text("""
DELETE FROM artifacts
WHERE organization_id = :organization_id AND execution_id = ANY (CAST(:ids AS uuid[]))
"""),
        text("""
UPDATE scope_reads SET execution_id = NULL
WHERE organization_id = :organization_id AND execution_id = ANY (CAST(:ids AS uuid[]))
"""),
        text("""
DELETE FROM task_executions
WHERE organization_id = :organization_id AND id = ANY (CAST(:ids AS uuid[]))
"""),
    ),
    PurgeKind.RESOURCES: (
        text("""
DELETE FROM resource_versions v
WHERE v.organization_id = :organization_id AND v.resource_id IN (
  SELECT id FROM resources
  WHERE organization_id = :organization_id AND id = ANY (CAST(:ids AS uuid[]))
    AND gone_at < :until)
"""),
        text("""
DELETE FROM resources
WHERE organization_id = :organization_id AND id = ANY (CAST(:ids AS uuid[]))
  AND gone_at < :until
"""),
    ),
}
