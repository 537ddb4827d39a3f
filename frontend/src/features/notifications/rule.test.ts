import { expect, test } from "vitest";
import type { RuleRead } from "~/client";
import { type RuleTyped, ruleBody, ruleShape, typedRule } from "./rule";

const STORED: RuleRead = {
  id: "r",
  name: "Denied in production",
  enabled: true,
  events: ["problem.opened"],
  filters: {
    categories: ["AWSPermissionError"],
    services: null,
    account_ids: null,
    selector: { stage: ["prod"] },
    task_ids: null,
    severity: "error",
  },
  channel_ids: ["c"],
  after: 3,
  delay_seconds: 900,
  repeat_seconds: 86_400,
  recovery: true,
  digest: { every: "weekly", at: "09:00", day: "fri", timezone: "UTC" },
  quiet_hours: {
    begin: "22:00",
    until: "07:00",
    timezone: "Europe/Berlin",
    critical_passes: false,
  },
  created_at: "2026-03-02T08:15:30Z",
  updated_at: "2026-03-02T08:15:30Z",
};

const wrongIn = (typed: RuleTyped) =>
  ruleShape.safeParse(typed).error?.issues.map(({ path }) => path.join(".")) ?? [];
const whole = (more: Partial<RuleTyped> = {}): RuleTyped => ({
  ...typedRule("UTC"),
  name: "Mine",
  channel_ids: ["c"],
  ...more,
});

test("a stored rule is sent as it is where nothing was typed", () => {
  const { id, enabled, created_at, updated_at, ...sent } = STORED;
  expect([id, enabled, created_at, updated_at]).toHaveLength(4);
  expect(ruleBody(typedRule("UTC", STORED))).toEqual(sent);
});

test("an empty choice is no filter, and what is off is not sent", () => {
  expect(ruleBody(whole())).toMatchObject({
    filters: { categories: null, selector: null, severity: "info" },
    after: null,
    delay_seconds: 0,
    repeat_seconds: null,
    digest: null,
    quiet_hours: null,
  });
  const daily = { every: "daily", at: "08:00", day: "mon", timezone: "UTC" } as const;
  expect(ruleBody(whole({ digest: daily })).digest).toEqual({
    every: "daily",
    at: "08:00",
    timezone: "UTC",
  });
});

test("what cannot be is said beside its field", () => {
  expect(wrongIn(whole())).toEqual([]);
  expect(wrongIn(whole({ events: [], channel_ids: [] }))).toEqual([
    "events",
    "channel_ids",
  ]);
  expect(wrongIn(whole({ after: "0" }))).toEqual(["after"]);
  expect(wrongIn(whole({ delay_seconds: "8 d" }))).toEqual(["delay_seconds"]);
  expect(wrongIn(whole({ repeat_seconds: "1 min" }))).toEqual(["repeat_seconds"]);
  const { quiet_hours } = whole();
  const same = { ...quiet_hours, on: true, until: quiet_hours.begin };
  expect(wrongIn(whole({ quiet_hours: same }))).toEqual(["quiet_hours.until"]);
});
