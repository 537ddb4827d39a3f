// What is typed to make a task, in the shape that the API takes.
import { z } from "zod";
import type { ScheduleDefinition, TaskCreate } from "~/client";

export const KINDS = ["on_demand", "daily", "weekly", "monthly", "once", "cron"] as const;
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const schedule = z.object({
  kind: z.enum(KINDS),
  timezone: z.string().min(1, "Choose a time zone."),
  time: z.string(),
  days: z.array(z.enum(DAYS)),
  day: z.string(),
  at: z.string(),
  expression: z.string().trim(),
});

export const shape = z.object({
  name: z.string().trim().min(1, "Write a name.").max(200),
  type: z.enum(["health_check", "resource_list"]),
  services: z.array(z.string()).min(1, "Choose at least one service."),
  regions: z.array(z.string()).min(1, "Choose regions, or all of them."),
  targets: z.object({
    account_ids: z.array(z.string()).min(1, "Choose at least one account."),
  }),
  schedule,
});

export type Definition = z.infer<typeof shape>;
type Typed = Definition["schedule"];

export const EVERYWHERE = "all_enabled";

export const FIELDS = [
  "name",
  "type",
  "services",
  "regions",
  "targets.account_ids",
  "schedule.kind",
  "schedule.timezone",
  "schedule.time",
  "schedule.days",
  "schedule.day",
  "schedule.at",
  "schedule.expression",
] as const;

export function blank(timezone: string): Definition {
  return {
    name: "",
    type: "health_check",
    services: [],
    regions: [EVERYWHERE],
    targets: { account_ids: [] },
    schedule: {
      kind: "daily",
      timezone,
      time: "07:00",
      days: ["mon"],
      day: "1",
      at: "",
      expression: "rate(1 hour)",
    },
  };
}

/** Only the members that belong to the kind; others are refused. Null while one of them
 * is not typed yet. */
export function scheduleOf(typed: Typed): ScheduleDefinition | null {
  const { kind, timezone, time, days, day, at, expression } = typed;
  switch (kind) {
    case "on_demand":
      return { kind };
    case "daily":
      return time ? { kind, timezone, time } : null;
    case "weekly":
      return time && days.length > 0 ? { kind, timezone, time, days } : null;
    case "monthly":
      return time && day
        ? { kind, timezone, time, day: day === "last" ? day : Number(day) }
        : null;
    case "once":
      return at ? { kind, timezone, at: at.length === 16 ? `${at}:00` : at } : null;
    case "cron":
      return expression ? { kind, timezone, expression } : null;
  }
}

/** Null while its schedule is not whole. */
export function bodyOf({ schedule: typed, ...rest }: Definition): TaskCreate | null {
  const whole = scheduleOf(typed);
  return whole && { ...rest, schedule: whole, on_error: "isolate" };
}
