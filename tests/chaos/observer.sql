-- The judge's own record of every write to executions and units. It is made on the
-- harness's database, by triggers of which the product knows nothing; `at` is the wall
-- clock of PostgreSQL's machine and moves with no test.
CREATE SCHEMA chaos;

CREATE TABLE chaos.writes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  of text NOT NULL,
  execution_id uuid NOT NULL,
  old_status text,
  new_status text NOT NULL,
  old_fence int,
  new_fence int,
  old_owner text,
  new_owner text,
  old_lease timestamptz,
  new_lease timestamptz,
  actor text NOT NULL
);
CREATE INDEX ON chaos.writes (execution_id, id);

-- How far the harness has moved the database's clock, and when each run was recorded by
-- that clock, whatever `app_now()` is made to say.
CREATE TABLE chaos.clock (ahead interval NOT NULL);
INSERT INTO chaos.clock VALUES ('0 seconds');
CREATE TABLE chaos.runs (
  run_id uuid PRIMARY KEY,
  recorded_at timestamptz NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION chaos.note_run() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO chaos.runs (run_id, recorded_at)
  SELECT NEW.id, clock_timestamp() + ahead FROM chaos.clock;
  RETURN NULL;
END $$;

CREATE FUNCTION chaos.note_execution() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO chaos.writes (of, execution_id, old_status, new_status, old_fence,
    new_fence, old_owner, new_owner, old_lease, new_lease, actor)
  VALUES ('execution', NEW.id, OLD.status, NEW.status, OLD.fence, NEW.fence,
    OLD.lease_owner, NEW.lease_owner, OLD.lease_until, NEW.lease_until,
    coalesce(current_setting('app.actor', true), ''));
  RETURN NULL;
END $$;

CREATE FUNCTION chaos.note_unit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  INSERT INTO chaos.writes (of, execution_id, old_status, new_status, new_fence,
    new_owner, actor)
  SELECT 'unit', NEW.execution_id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END,
    NEW.status, e.fence, e.lease_owner, coalesce(current_setting('app.actor', true), '')
  FROM public.task_executions e WHERE e.id = NEW.execution_id;
  RETURN NULL;
END $$;

CREATE TRIGGER chaos_note AFTER UPDATE ON public.task_executions
  FOR EACH ROW EXECUTE FUNCTION chaos.note_execution();
CREATE TRIGGER chaos_note AFTER INSERT OR UPDATE ON public.execution_units
  FOR EACH ROW EXECUTE FUNCTION chaos.note_unit();
CREATE TRIGGER chaos_note AFTER INSERT ON public.task_runs
  FOR EACH ROW EXECUTE FUNCTION chaos.note_run();
