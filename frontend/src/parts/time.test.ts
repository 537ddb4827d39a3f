import { describe, expect, it } from "vitest";
import { duration, relative } from "./time";

const NOW = Date.parse("2026-03-29T09:00:00Z");

describe("relative", () => {
  it.each([
    ["2026-03-29T08:59:58Z", "just now"],
    ["2026-03-29T09:00:20Z", "in a moment"],
    ["2026-03-29T08:57:00Z", "3 min. ago"],
    ["2026-03-29T11:00:00Z", "in 2 hr."],
    ["2026-03-28T09:00:00Z", "yesterday"],
  ])("says %s as %s", (iso, said) => {
    expect(relative(iso, NOW)).toBe(said);
  });

  it("names the date of what is long ago", () => {
    expect(relative("2025-01-02T12:00:00Z", NOW)).toBe("Jan 2, 2025");
  });
});

describe("duration", () => {
  it.each([
    ["2026-03-29T09:00:00.840Z", "840 ms"],
    ["2026-03-29T09:00:12Z", "12 s"],
    ["2026-03-29T09:03:04Z", "3 min 4 s"],
    ["2026-03-29T11:03:04Z", "2 h 3 min"],
  ])("until %s is %s", (until, said) => {
    expect(duration("2026-03-29T09:00:00Z", until)).toBe(said);
  });
});
