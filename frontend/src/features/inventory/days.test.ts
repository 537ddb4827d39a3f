import { expect, it } from "vitest";
import { cellOf, lackingOf, summaryOf } from "./days";

const day = (date: number, resources: number | null, units = 2, units_read = 2) => ({
  day: `2026-03-0${date}`,
  resources,
  units,
  units_read,
});

it("compares the last whole day with the first", () => {
  expect(summaryOf([day(1, 10), day(2, 1400)])).toBe(
    "1,400 resources on Mar 2, 1,390 more than on Mar 1.",
  );
  expect(summaryOf([day(1, 10), day(2, null, 2, 1), day(3, 1)])).toBe(
    "1 resource on Mar 3, 9 fewer than on Mar 1.",
  );
  expect(summaryOf([day(1, null, 0, 0), day(2, 3)])).toBe("3 resources on Mar 2.");
});

it("never says a number of a day on which not all was read", () => {
  const days = [day(1, 10), day(2, null, 2, 1)];
  expect(summaryOf(days)).toBe("10 resources on Mar 1.");
  expect(summaryOf([day(2, null, 2, 1)])).toBe("On no day was all of it read.");
  expect(lackingOf(days, 0)).toBe("1 day is a gap: not all was read on it.");
  expect(days.map(cellOf)).toEqual(["10", "1 of 2 listings were read"]);
});

it("says what no day counts", () => {
  expect(lackingOf([day(1, 10)], 2)).toMatch(/^2 listings of regions were not read/);
  expect(lackingOf([day(1, null, 0, 0)], 0)).toBe("");
  expect(cellOf(day(1, null, 0, 0))).toBe("nothing was known yet");
});
