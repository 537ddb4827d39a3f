import { expect, it } from "vitest";
import type { MetricUsage } from "~/client";
import { seatsInWords, whyNotInvite } from "./seats";

const seats = (used: number, limit: number | null): MetricUsage => ({
  metric: "members",
  used,
  limit,
  resets_at: null,
  state: limit === null ? "unlimited" : used >= limit ? "reached" : "within",
});

it("counts the places, where they are counted", () => {
  expect(seatsInWords(undefined)).toBe("");
  expect(seatsInWords(seats(1, null))).toBe("1 member");
  expect(seatsInWords(seats(3, null))).toBe("3 members");
  expect(seatsInWords(seats(3, 5))).toBe("3 of 5 places taken");
});

it("says why nobody can be invited", () => {
  expect(whyNotInvite(true, seats(3, 5))).toBe("");
  expect(whyNotInvite(true, undefined)).toBe("");
  expect(whyNotInvite(true, seats(5, 5))).toMatch(/All 5 places/);
  expect(whyNotInvite(false, seats(3, 5))).toMatch(/may not/);
});
