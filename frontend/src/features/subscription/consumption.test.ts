import { expect, it } from "vitest";
import type { MetricUsage } from "~/client";
import { consequenceOf, partOf, summaryOf } from "./consumption";

const item = (state: MetricUsage["state"], used = 1, limit: number | null = 10) => ({
  metric: "members" as const,
  used,
  limit,
  resets_at: null,
  state,
});

it("never rounds up to a limit that is not reached", () => {
  expect(partOf({ used: 99_999, limit: 100_000 })).toBe(99);
  expect(partOf({ used: 0, limit: 0 })).toBe(100);
  expect(partOf({ used: 5, limit: null })).toBeNull();
});

it("says 80 and 100 percent in words", () => {
  expect(consequenceOf(item("within"))).toBe("");
  expect(consequenceOf(item("near", 8))).toMatch(/^80 % or more/);
  expect(consequenceOf(item("reached", 10))).toBe("Nobody else can join.");
});

it("sums up what is near", () => {
  expect(summaryOf([item("within"), item("unlimited")])).toBe("No limit is near.");
  expect(summaryOf([item("reached"), item("near"), item("near")])).toBe(
    "1 limit is reached, 2 are near.",
  );
});
