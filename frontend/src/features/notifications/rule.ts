// What is typed of a rule, in the shape that the API takes.
import { z } from "zod";
import type { NoticeEvent, RuleFiltersInput, RuleInput, RuleRead } from "~/client";
import { labelsOf, typedLabels, UNREADABLE } from "./labels";
import { secondsOf, typedSpan } from "./span";

const SEVERITIES = ["info", "warning", "error", "critical"] as const;
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const CLOCK = z.string().regex(/^\d\d:\d\d$/, "Write a time, such as 09:00.");
const span = (least: number, said: string) =>
  z.string().superRefine((typed, context) => {
    const seconds = secondsOf(typed);
    if (seconds === undefined)
      context.addIssue({ code: "custom", message: "Write 15 min, 2 h or 1 d." });
    else if (seconds !== null && (seconds < least || seconds > 604_800))
      context.addIssue({ code: "custom", message: said });
  });

export const ruleShape = z
  .object({
    name: z.string().trim().min(1, "Write a name.").max(120),
    events: z.array(z.string()).min(1, "Choose at least one event."),
    channel_ids: z.array(z.string()).min(1, "Choose at least one channel."),
    filters: z.object({
      severity: z.enum(SEVERITIES),
      categories: z.array(z.string()),
      services: z.array(z.string()),
      account_ids: z.array(z.string()),
      task_ids: z.array(z.string()),
      selector: z.string().refine((typed) => labelsOf(typed) !== undefined, UNREADABLE),
    }),
    after: z.string().regex(/^([1-9]\d?|100)?$/, "Write a number from 1 to 100."),
    delay_seconds: span(1, "At most 7 days."),
    repeat_seconds: span(300, "From 5 minutes to 7 days."),
    recovery: z.boolean(),
    digest: z.object({
      every: z.enum(["none", "daily", "weekly"]),
      at: CLOCK,
      day: z.enum(DAYS),
      timezone: z.string().min(1, "Choose a time zone."),
    }),
    quiet_hours: z.object({
      on: z.boolean(),
      begin: CLOCK,
      until: CLOCK,
      timezone: z.string().min(1, "Choose a time zone."),
      critical_passes: z.boolean(),
    }),
  })
  .superRefine(({ quiet_hours: quiet }, context) => {
    if (quiet.on && quiet.begin === quiet.until) {
      const message = "They would end when they begin.";
      context.addIssue({ code: "custom", path: ["quiet_hours", "until"], message });
    }
  });

export type RuleTyped = z.infer<typeof ruleShape>;

export const RULE_FIELDS = [
  "name",
  "events",
  "channel_ids",
  "filters.severity",
  "filters.categories",
  "filters.services",
  "filters.account_ids",
  "filters.task_ids",
  "filters.selector",
  "after",
  "delay_seconds",
  "repeat_seconds",
  "digest.at",
  "digest.day",
  "digest.timezone",
  "quiet_hours.begin",
  "quiet_hours.until",
  "quiet_hours.timezone",
] as const;

export function typedRule(zone: string, rule?: RuleRead): RuleTyped {
  const { filters, digest, quiet_hours: quiet } = rule ?? {};
  return {
    name: rule?.name ?? "",
    events: rule?.events ?? ["problem.opened", "problem.closed"],
    channel_ids: rule?.channel_ids ?? [],
    filters: {
      severity: filters?.severity ?? "info",
      categories: filters?.categories ?? [],
      services: filters?.services ?? [],
      account_ids: filters?.account_ids ?? [],
      task_ids: filters?.task_ids ?? [],
      selector: typedLabels(filters?.selector),
    },
    after: rule?.after ? String(rule.after) : "",
    delay_seconds: typedSpan(rule?.delay_seconds ?? null),
    repeat_seconds: typedSpan(rule?.repeat_seconds ?? null),
    recovery: rule?.recovery ?? true,
    digest: {
      every: digest?.every ?? "none",
      at: digest?.at ?? "09:00",
      day: digest?.day ?? "mon",
      timezone: digest?.timezone ?? zone,
    },
    quiet_hours: {
      on: Boolean(quiet),
      begin: quiet?.begin ?? "22:00",
      until: quiet?.until ?? "07:00",
      timezone: quiet?.timezone ?? zone,
      critical_passes: quiet?.critical_passes ?? true,
    },
  };
}

const some = <T>(items: readonly T[]): T[] | null =>
  items.length > 0 ? [...items] : null;

/** An empty choice is no filter. */
export function ruleBody(typed: RuleTyped): RuleInput {
  const { filters, digest, quiet_hours: quiet } = typed;
  const { on, ...hours } = quiet;
  const { every, day, ...time } = digest;
  return {
    name: typed.name,
    events: typed.events as NoticeEvent[],
    channel_ids: typed.channel_ids,
    filters: {
      severity: filters.severity,
      categories: some(filters.categories) as RuleFiltersInput["categories"],
      services: some(filters.services),
      account_ids: some(filters.account_ids),
      task_ids: some(filters.task_ids),
      selector: labelsOf(filters.selector) ?? null,
    },
    after: typed.after ? Number(typed.after) : null,
    delay_seconds: secondsOf(typed.delay_seconds) ?? 0,
    repeat_seconds: secondsOf(typed.repeat_seconds) ?? null,
    recovery: typed.recovery,
    digest:
      every === "none"
        ? null
        : { every, ...time, ...(every === "weekly" ? { day } : {}) },
    quiet_hours: on ? hours : null,
  };
}
