// The limits of plans: what they are called, and what would not fit into another plan.
import type { Metric, MetricUsage, PlanLimits } from "~/client";

const NUMBER = new Intl.NumberFormat("en");
export const figure = (value: number): string => NUMBER.format(value);

type Limit = keyof PlanLimits;

const NAMES: Record<Limit, string> = {
  aws_accounts: "AWS accounts",
  enabled_tasks: "Enabled tasks",
  members: "Members",
  stored_resources: "Resources in the inventory",
  executions_per_month: "Executions a month",
  aws_calls_per_month: "AWS calls a month",
  shortest_interval_seconds: "A task runs at most",
  units_per_execution: "Units in an execution",
  history_days: "History is kept",
};
export const LIMITS = Object.keys(NAMES) as Limit[];
export const nameOf = (limit: Limit): string => NAMES[limit];

const SPANS: readonly [string, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** "every hour", "every 5 minutes". */
export function every(seconds: number): string {
  const [unit, size] = SPANS.find(([, span]) => seconds % span === 0) ?? ["second", 1];
  const count = seconds / size;
  return count === 1 ? `every ${unit}` : `every ${figure(count)} ${unit}s`;
}

export function valueOf(limit: Limit, value: number | null): string {
  if (value === null) return limit === "history_days" ? "for ever" : "no limit";
  if (limit === "shortest_interval_seconds") return every(value);
  if (limit === "history_days") return value === 1 ? "1 day" : `${figure(value)} days`;
  return figure(value);
}

/** What becomes of what is beyond the limit, as the server does it (docs/decisions/0036). */
const BEYOND: Record<Metric, (over: number, limit: number) => string> = {
  aws_accounts: (over, limit) =>
    `${count(over, "AWS account")} beyond ${figure(limit)} would pause, the newest first.`,
  enabled_tasks: (over, limit) =>
    `${count(over, "task")} beyond ${figure(limit)} would pause, the newest first.`,
  members: (over, limit) =>
    `${count(over, "member")} beyond ${figure(limit)} would stay, and nobody else could join.`,
  stored_resources: (over, limit) =>
    `${count(over, "resource")} beyond ${figure(limit)} would stay, and listings that store more would fail.`,
  executions_per_month: (_, limit) =>
    `More than ${figure(limit)} executions ran this month: nothing would run until the next.`,
  aws_calls_per_month: (_, limit) =>
    `More than ${figure(limit)} calls to AWS were made this month: nothing would run until the next.`,
};

const count = (value: number, noun: string) =>
  `${figure(value)} ${noun}${value === 1 ? "" : "s"}`;

/** What of the present plan would not fit into this one, a sentence each. */
export function tooMuch(
  into: PlanLimits,
  now: PlanLimits | undefined,
  used: readonly MetricUsage[],
): string[] {
  const said = used.flatMap(({ metric, used: value }) => {
    const limit = into[metric];
    return limit !== null && value > limit ? [BEYOND[metric](value - limit, limit)] : [];
  });
  const interval = into.shortest_interval_seconds;
  if (now && interval !== null && interval > (now.shortest_interval_seconds ?? 0)) {
    said.push(`Tasks that run more often than ${every(interval)} would pause.`);
  }
  const days = into.history_days;
  if (now && days !== null && (now.history_days === null || days < now.history_days)) {
    said.push(
      `History older than ${valueOf("history_days", days)} would go 30 days later.`,
    );
  }
  return said;
}
