// What is typed to make or change a task, in the shape that the API takes.
import { z } from "zod";
import type { RetryPolicy, ScheduleDefinition, Targets, TaskCreate } from "~/client";
import { readLabels } from "./labels";

export const KINDS = ["on_demand", "daily", "weekly", "monthly", "once", "cron"] as const;
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export const ENDS = ["succeeded", "failed", "finished"] as const;
const CATEGORIES = [
  "AWSAuthenticationError",
  "AWSPermissionError",
  "AWSServiceLimitError",
  "AWSServiceError",
  "AWSConnectivityError",
  "AWSConfigurationError",
] as const;

/** A number as it is typed. */
const whole = (least: number, most: number) =>
  z
    .string()
    .trim()
    .refine(
      (typed) => /^\d{1,9}$/.test(typed) && +typed >= least && +typed <= most,
      `A whole number from ${least} to ${most}.`,
    );

const schedule = z.object({
  kind: z.enum(KINDS),
  timezone: z.string().min(1, "Choose a time zone."),
  time: z.string(),
  days: z.array(z.enum(DAYS)),
  day: z.string(),
  at: z.string(),
  expression: z.string().trim(),
  starts_at: z.string(),
  ends_at: z.string(),
  jitter_seconds: whole(0, 86_400),
});

const targets = z
  .object({
    by: z.enum(["accounts", "labels"]),
    account_ids: z.array(z.string()),
    selector: z.array(z.string().includes(":", "Write label: value.")),
  })
  .superRefine(({ by, account_ids, selector }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (by === "accounts" && account_ids.length === 0)
      wrong("account_ids", "Choose at least one account.");
    if (by === "labels" && selector.length === 0)
      wrong("selector", "Choose at least one label.");
  });

export const shape = z.object({
  name: z.string().trim().min(1, "Write a name.").max(200),
  type: z.enum(["health_check", "resource_list"]),
  services: z.array(z.string()).min(1, "Choose at least one service."),
  regions: z.array(z.string()).min(1, "Choose regions, or all of them."),
  targets,
  schedule,
  after: z.array(z.object({ task_id: z.string(), on: z.enum(ENDS) })).max(20),
  on_error: z.enum(["isolate", "stop"]),
  retry_policy: z.object({
    categories: z.array(z.enum(CATEGORIES)),
    retries: whole(1, 5),
    delay_seconds: whole(0, 3600),
  }),
  overlap: z.enum(["skip", "queue"]),
  misfire_grace_seconds: whole(0, 86_400),
  timeout_seconds: whole(10, 21_600),
  priority: z.enum(["high", "normal", "low"]),
});

export type Definition = z.infer<typeof shape>;
type Typed = Definition["schedule"];

export const EVERYWHERE = "all_enabled";

/** Those that are folded away: most tasks are well without a look at them. */
export const ADVANCED = [
  "after",
  "on_error",
  "retry_policy",
  "overlap",
  "misfire_grace_seconds",
  "timeout_seconds",
  "priority",
] as const;

export const FIELDS = [
  "name",
  "type",
  "services",
  "regions",
  "targets.account_ids",
  "targets.selector",
  "schedule.kind",
  "schedule.timezone",
  "schedule.time",
  "schedule.days",
  "schedule.day",
  "schedule.at",
  "schedule.expression",
  "schedule.starts_at",
  "schedule.ends_at",
  "schedule.jitter_seconds",
  "after",
  "on_error",
  "retry_policy.categories",
  "retry_policy.retries",
  "retry_policy.delay_seconds",
  "overlap",
  "misfire_grace_seconds",
  "timeout_seconds",
  "priority",
] as const;

export function blank(timezone: string): Definition {
  return {
    name: "",
    type: "health_check",
    services: [],
    regions: [EVERYWHERE],
    targets: { by: "accounts", account_ids: [], selector: [] },
    schedule: {
      kind: "daily",
      timezone,
      time: "07:00",
      days: ["mon"],
      day: "1",
      at: "",
      expression: "rate(1 hour)",
      starts_at: "",
      ends_at: "",
      jitter_seconds: "0",
    },
    after: [],
    on_error: "isolate",
    retry_policy: { categories: [], retries: "2", delay_seconds: "60" },
    overlap: "skip",
    misfire_grace_seconds: "300",
    timeout_seconds: "900",
    priority: "normal",
  };
}

const toSeconds = (wall: string) => (wall.length === 16 ? `${wall}:00` : wall);

/** What all that repeats may have besides, where something is typed. */
function bounds({ starts_at, ends_at }: Typed) {
  return {
    ...(starts_at ? { starts_at: toSeconds(starts_at) } : {}),
    ...(ends_at ? { ends_at: toSeconds(ends_at) } : {}),
  };
}

/** Only the members that belong to the kind; others are refused. Null while one of them
 * is not typed yet. */
export function scheduleOf(typed: Typed): ScheduleDefinition | null {
  const { kind, timezone, time, days, day, at, expression } = typed;
  const jitter = Number(typed.jitter_seconds) || 0;
  const zoned = { timezone, ...(jitter > 0 ? { jitter_seconds: jitter } : {}) };
  const repeated = { ...zoned, ...bounds(typed) };
  switch (kind) {
    case "on_demand":
      return { kind };
    case "daily":
      return time ? { kind, ...repeated, time } : null;
    case "weekly":
      return time && days.length > 0 ? { kind, ...repeated, time, days } : null;
    case "monthly":
      return time && day
        ? { kind, ...repeated, time, day: day === "last" ? day : Number(day) }
        : null;
    case "once":
      return at ? { kind, ...zoned, at: toSeconds(at) } : null;
    case "cron":
      return expression ? { kind, ...repeated, expression } : null;
  }
}

function targetsOf({ by, account_ids, selector }: Definition["targets"]): Targets {
  return by === "accounts" ? { account_ids } : { selector: readLabels(selector) };
}

/** Nothing is tried again where no kind of error is named. */
function retriesOf(typed: Definition["retry_policy"]): RetryPolicy | null {
  const { categories, retries, delay_seconds } = typed;
  if (categories.length === 0) return null;
  return {
    categories,
    retries: Number(retries),
    delay_seconds: Number(delay_seconds),
  };
}

/** Null while its schedule is not whole. */
export function bodyOf(typed: Definition): TaskCreate | null {
  const whole = scheduleOf(typed.schedule);
  return (
    whole && {
      ...typed,
      targets: targetsOf(typed.targets),
      schedule: whole,
      retry_policy: retriesOf(typed.retry_policy),
      misfire_grace_seconds: Number(typed.misfire_grace_seconds),
      timeout_seconds: Number(typed.timeout_seconds),
    }
  );
}
