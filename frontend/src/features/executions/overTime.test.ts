import { expect, it } from "vitest";
import { overTime, stepOf, summary } from "./overTime";

const execution = (created_at: string, status: "succeeded" | "failed", seconds = 0) => ({
  created_at,
  status,
  started_at: created_at,
  finished_at: new Date(Date.parse(created_at) + seconds * 1000).toISOString(),
});
const at = (text: string) => new Date(text);

it("shows an hour in which nothing ran as a gap", () => {
  const { step, spans } = overTime(
    [
      execution("2026-03-03T06:10:00Z", "succeeded", 10),
      execution("2026-03-03T06:20:00Z", "succeeded", 30),
      execution("2026-03-03T06:30:00Z", "failed", 90),
      execution("2026-03-03T08:00:00Z", "failed", 5),
    ],
    at("2026-03-03T06:00:00Z"),
    at("2026-03-03T08:30:00Z"),
  );
  expect(step).toBe("hour");
  expect(spans.map(({ counts }) => counts)).toEqual([
    { succeeded: 2, failed: 1 },
    {},
    { failed: 1 },
  ]);
  // What failed early is no measure of how long the work takes.
  expect(spans.map(({ median, longest }) => [median, longest])).toEqual([
    [20, 30],
    [null, null],
    [null, null],
  ]);
});

it("takes wider steps over a longer time", () => {
  const from = at("2026-01-01T00:00:00Z");
  expect(stepOf(from, at("2026-01-02T00:00:00Z"))).toBe("hour");
  expect(stepOf(from, at("2026-02-01T00:00:00Z"))).toBe("day");
  expect(stepOf(from, at("2026-06-01T00:00:00Z"))).toBe("week");
});

it("says what it shows", () => {
  const items = [
    execution("2026-03-03T06:10:00Z", "succeeded"),
    execution("2026-03-03T06:20:00Z", "failed"),
  ];
  const { spans } = overTime(
    items,
    at("2026-03-03T06:00:00Z"),
    at("2026-03-03T07:00:00Z"),
  );
  expect(summary(spans)).toBe("Of 2 executions, 1 succeeded and 1 failed.");
  expect(summary([])).toBe("Nothing has ended in this time.");
});
