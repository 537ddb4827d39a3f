// What is used of each limit, and what happens at its end.
import type { Metric, MetricUsage } from "~/client";

const TITLES: Record<Metric, string> = {
  aws_accounts: "Connected AWS accounts",
  enabled_tasks: "Enabled tasks",
  members: "Members",
  stored_resources: "Resources in the inventory",
  executions_per_month: "Executions this month",
  aws_calls_per_month: "Calls to AWS this month",
};
export const titleOf = (metric: Metric): string => TITLES[metric];

const AT_THE_END: Record<Metric, string> = {
  aws_accounts: "No further account can be connected; the connected ones go on.",
  enabled_tasks: "No further task can be made or enabled; the enabled ones go on.",
  members: "Nobody else can join.",
  stored_resources: "A listing that would store more fails, and says so.",
  executions_per_month:
    "Nothing more runs until the next month: slots are recorded as skipped (plan limit).",
  aws_calls_per_month:
    "Nothing more begins until the next month: slots are recorded as skipped (plan limit).",
};

/** Only where the end is near or there. */
export function consequenceOf({ metric, state }: MetricUsage): string {
  if (state === "near") return `80 % or more is used. At 100 %: ${AT_THE_END[metric]}`;
  return state === "reached" ? AT_THE_END[metric] : "";
}

/** Whole percent, never rounded up to a limit that is not reached. */
export function partOf({
  used,
  limit,
}: Pick<MetricUsage, "used" | "limit">): number | null {
  if (limit === null) return null;
  return limit === 0 ? 100 : Math.floor((used / limit) * 100);
}

/** "Two limits are reached", in one line above all. */
export function summaryOf(items: readonly MetricUsage[]): string {
  const reached = items.filter(({ state }) => state === "reached").length;
  const near = items.filter(({ state }) => state === "near").length;
  const said: string[] = [];
  if (reached > 0)
    said.push(`${reached} ${reached === 1 ? "limit is" : "limits are"} reached`);
  if (near > 0) said.push(`${near} ${near === 1 ? "is" : "are"} near`);
  return said.length > 0 ? `${said.join(", ")}.` : "No limit is near.";
}
