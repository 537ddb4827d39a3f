// A task that is being changed: what is typed first, what is sent, and what somebody else
// changed meanwhile.
import type { TaskPatch, TaskRead } from "~/client";
import { blank, bodyOf, type Definition } from "./definition";
import { writeLabels } from "./labels";

type Schedule = TaskRead["schedule"];
export type Member = keyof Definition;

export const MEMBERS: Readonly<Record<Member, string>> = {
  name: "the name",
  type: "the type",
  services: "the services",
  regions: "the regions",
  targets: "the accounts",
  schedule: "the schedule",
  after: "what it runs after",
  on_error: "what an error does",
  retry_policy: "when it is tried again",
  overlap: "what happens when the last run is not over",
  misfire_grace_seconds: "how late it may begin",
  timeout_seconds: "the time limit",
  priority: "the priority",
};

/** The clock on the wall of that zone, as a field for date and time takes it. */
export function wallOf(instant: string, timezone: string): string {
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(instant)) return instant.slice(0, 16);
  const parts = new Intl.DateTimeFormat("sv", {
    timeZone: timezone,
    dateStyle: "short",
    timeStyle: "short",
  });
  return parts.format(new Date(instant)).replace(" ", "T");
}

function typedSchedule(schedule: Schedule): Definition["schedule"] {
  const { kind, timezone = "UTC", time, days, day, at, expression } = schedule;
  const none = blank(timezone).schedule;
  const wall = (text: string | null | undefined) => (text ? wallOf(text, timezone) : "");
  return {
    kind,
    timezone,
    time: time?.slice(0, 5) ?? none.time,
    days: days ?? none.days,
    day: typeof day === "number" || day === "last" ? String(day) : none.day,
    at: wall(at),
    expression: expression ?? none.expression,
    starts_at: wall(schedule.starts_at),
    ends_at: wall(schedule.ends_at),
    jitter_seconds: String(schedule.jitter_seconds ?? 0),
  };
}

/** The task as if it had just been typed. */
export function typedOf(task: TaskRead): Definition {
  const { targets, retry_policy } = task;
  const none = blank("UTC");
  return {
    name: task.name,
    type: task.type === "resource_list" ? "resource_list" : "health_check",
    services: task.services,
    regions: task.regions,
    targets: {
      by: targets.selector ? "labels" : "accounts",
      account_ids: targets.account_ids ?? [],
      selector: writeLabels(targets.selector ?? {}),
    },
    schedule: typedSchedule(task.schedule),
    after: task.after,
    on_error: task.on_error,
    retry_policy: retry_policy
      ? {
          categories: retry_policy.categories,
          retries: String(retry_policy.retries),
          delay_seconds: String(retry_policy.delay_seconds ?? 60),
        }
      : none.retry_policy,
    overlap: task.overlap,
    misfire_grace_seconds: String(task.misfire_grace_seconds),
    timeout_seconds: String(task.timeout_seconds),
    priority: task.priority,
  };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const changed = (before: Definition, after: Definition): Member[] =>
  (Object.keys(MEMBERS) as Member[]).filter((name) => !same(before[name], after[name]));

/** Only what was changed, so that what this form does not show stays as it is. Null while
 * the schedule is not whole. */
export function patchOf(task: TaskRead, typed: Definition): TaskPatch | null {
  const body = bodyOf(typed);
  if (!body) return null;
  const names = changed(typedOf(task), typed);
  const patch: TaskPatch = Object.fromEntries(names.map((name) => [name, body[name]]));
  if (patch.schedule)
    patch.schedule = { ...hiddenOf(task.schedule, typed), ...patch.schedule };
  return patch;
}

/** What belongs to a schedule and has no field here. */
function hiddenOf(present: Schedule, { schedule }: Definition): Partial<Schedule> {
  const { kind, expression, anchor, parameters } = present;
  if (kind !== schedule.kind) return {};
  if (kind === "once" && parameters) return { parameters };
  const isSameRate = kind === "cron" && expression === schedule.expression;
  return isSameRate && anchor ? { anchor } : {};
}

export type Meeting = {
  /** What is to be shown now: theirs where nothing was typed, else what was typed. */
  typed: Definition;
  theirs: Member[];
  /** Changed by both: saving replaces theirs. */
  both: Member[];
};

/** Somebody else saved first. Nothing that was typed is lost. */
export function meet(base: TaskRead, typed: Definition, latest: TaskRead): Meeting {
  const [before, now] = [typedOf(base), typedOf(latest)];
  const mine = changed(before, typed);
  const theirs = changed(before, now);
  const kept = Object.fromEntries(mine.map((name) => [name, typed[name]]));
  return {
    typed: { ...now, ...kept },
    theirs,
    both: theirs.filter((name) => mine.includes(name) && !same(typed[name], now[name])),
  };
}
