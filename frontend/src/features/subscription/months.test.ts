import { expect, it } from "vitest";
import { limitOf, MONTHLY, monthOf, monthsInWords, usedOf } from "./months";

const month = (number: number, executions: number) => ({
  month: `2026-0${number}-01`,
  executions,
  executions_refused: 0,
  aws_calls: 0,
});
const [executions] = MONTHLY;

it("names a month by UTC wherever one is", () => {
  expect(monthOf(month(3, 0))).toBe("Mar 2026");
});

it("says in how many months the present limit was reached", () => {
  const months = [month(1, 70), month(2, 100), month(3, 40)];
  expect(monthsInWords(months, executions, 100)).toBe(
    "At most 100 executions, in Feb 2026. In 1 of 3 months the 100 that your plan allows now were reached.",
  );
  expect(monthsInWords(months, executions, 5000)).toBe(
    "At most 100 executions, in Feb 2026. Your plan allows 5,000 a month now.",
  );
  expect(monthsInWords([month(1, 7)], executions, null)).toBe(
    "At most 7 executions, in Jan 2026. The plan has no limit.",
  );
});

it("never rounds up to a limit that was not reached", () => {
  expect(usedOf(999, 1000)).toBe("999 (99 %)");
  expect(usedOf(1000, null)).toBe("1,000");
});

it("finds the limit of what is counted", () => {
  const item = { used: 1, resets_at: null, state: "within" } as const;
  const items = [{ ...item, metric: executions.metric, limit: 9 }];
  expect(limitOf(items, executions)).toBe(9);
});
