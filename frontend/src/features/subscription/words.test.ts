import { expect, it } from "vitest";
import { goingOf, isAwaited, meaningOf, warningOf } from "./words";

const NOW = Date.parse("2026-03-02T08:00:00Z");
const standing = (state: Parameters<typeof warningOf>[0]["state"], until?: string) => ({
  state,
  until: until ?? null,
  what_to_do: "",
});

it("warns of what presses, and of an end only when it is near", () => {
  expect(warningOf(standing("active"), NOW)).toBeNull();
  expect(warningOf(standing("trial", "2026-03-20T08:00:00Z"), NOW)).toBeNull();
  expect(warningOf(standing("trial", "2026-03-04T08:00:00Z"), NOW)?.severity).toBe(
    "info",
  );
  expect(warningOf(standing("payment_failed"), NOW)?.severity).toBe("warning");
  expect(warningOf(standing("read_only"), NOW)?.severity).toBe("error");
});

it("says that grace ends in being read-only", () => {
  const about = { is_billed: true, current_period_end: null };
  const said = meaningOf({
    ...about,
    standing: standing("payment_failed", "2026-03-09T08:00:00Z"),
  });
  expect(said).toMatch(/works on until Mar 9, 2026/);
  expect(said).toMatch(/read-only\. From then on nothing runs/);
});

it("tells a gift from an installation that takes no money", () => {
  const about = { standing: standing("unbilled"), current_period_end: null };
  expect(meaningOf({ ...about, is_billed: true })).toMatch(/gave/);
  expect(meaningOf({ ...about, is_billed: false })).toMatch(/takes no money/);
});

it("waits for Stripe's word where there was nothing before", () => {
  expect(isAwaited("none")).toBe(true);
  expect(isAwaited("ended")).toBe(true);
  expect(isAwaited("trial")).toBe(false);
});

it("names the day and what of the history goes then", () => {
  expect(goingOf(null)).toBeNull();
  const held = {
    until: "2026-04-01T08:00:00Z",
    goes_before: "2026-03-25T08:00:00Z",
    then_days: 7,
  };
  expect(goingOf({ ...held, days: 90 })).toMatch(
    /^History of 90 days is kept until Apr 1, 2026.*what ended before Mar 25, 2026/,
  );
  expect(goingOf({ ...held, days: null })).toMatch(/^All history/);
});
