// The months of usage against what the plan allows now.
import type { Metric, MetricUsage, MonthUsage } from "~/client";
import { figure } from "./limits";

/** What is counted by months, as it is called in one. */
export const MONTHLY = [
  { metric: "executions_per_month", member: "executions", title: "Executions" },
  { metric: "aws_calls_per_month", member: "aws_calls", title: "Calls to AWS" },
] as const satisfies readonly {
  metric: Metric;
  member: keyof MonthUsage;
  title: string;
}[];
export type Monthly = (typeof MONTHLY)[number];

const MONTH = new Intl.DateTimeFormat("en", {
  month: "short",
  year: "numeric",
  timeZone: "UTC",
});
export const monthOf = ({ month }: MonthUsage): string => MONTH.format(new Date(month));

export const limitOf = (
  items: readonly MetricUsage[],
  { metric }: Monthly,
): number | null => items.find((one) => one.metric === metric)?.limit ?? null;

/** "In 1 of 3 months more than 100 executions, which the plan allows now." */
export function monthsInWords(
  months: readonly MonthUsage[],
  { member, title }: Monthly,
  limit: number | null,
): string {
  const most = months.reduce((a, b) => (b[member] > a[member] ? b : a));
  const noun = title.replace("E", "e").replace("C", "c");
  const top = `At most ${figure(most[member])} ${noun}, in ${monthOf(most)}.`;
  if (limit === null) return `${top} The plan has no limit.`;
  const full = months.filter((one) => one[member] >= limit).length;
  const many = months.length === 1 ? "1 month" : `${months.length} months`;
  return full > 0
    ? `${top} In ${full} of ${many} the ${figure(limit)} that your plan allows now were reached.`
    : `${top} Your plan allows ${figure(limit)} a month now.`;
}

/** "81,204 (81 %)" of what the plan allows now. */
export function usedOf(used: number, limit: number | null): string {
  if (limit === null || limit === 0) return figure(used);
  return `${figure(used)} (${Math.floor((used / limit) * 100)} %)`;
}
