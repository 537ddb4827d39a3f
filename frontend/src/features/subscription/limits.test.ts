import { expect, it } from "vitest";
import type { PlanLimits } from "~/client";
import { every, tooMuch, valueOf } from "./limits";

const NONE: PlanLimits = {
  aws_accounts: null,
  enabled_tasks: null,
  shortest_interval_seconds: null,
  executions_per_month: null,
  aws_calls_per_month: null,
  units_per_execution: null,
  stored_resources: null,
  history_days: null,
  members: null,
};
const used = (metric: "aws_accounts" | "members", value: number) => ({
  metric,
  used: value,
  limit: null,
  resets_at: null,
  state: "unlimited" as const,
});

it("says intervals as people do", () => {
  expect([60, 300, 3_600, 86_400, 90].map(every)).toEqual([
    "every minute",
    "every 5 minutes",
    "every hour",
    "every day",
    "every 90 seconds",
  ]);
  expect(valueOf("history_days", null)).toBe("for ever");
  expect(valueOf("aws_accounts", 1_200)).toBe("1,200");
});

it("names what a smaller plan has no room for", () => {
  const into = { ...NONE, aws_accounts: 1, members: 3, shortest_interval_seconds: 3_600 };
  const said = tooMuch(into, NONE, [used("aws_accounts", 2), used("members", 3)]);
  expect(said).toEqual([
    "1 AWS account beyond 1 would pause, the newest first.",
    "Tasks that run more often than every hour would pause.",
  ]);
});

it("has nothing to say of a larger plan", () => {
  const small = { ...NONE, aws_accounts: 1, shortest_interval_seconds: 3_600 };
  expect(tooMuch(NONE, small, [used("aws_accounts", 1)])).toEqual([]);
});
