import { expect, it } from "vitest";
import type { ExecutionRead, NotComparable } from "~/client";
import { comparableOf, comparedWith, obstaclesOf } from "./comparison";

const execution = (id: string, status: ExecutionRead["status"], started = true) =>
  ({ id, status, started_at: started ? "2026-03-01" : null }) as ExecutionRead;

it("leaves out what has read nothing", () => {
  const found = comparableOf([
    execution("a", "skipped", false),
    execution("b", "cancelled", false),
    execution("c", "failed"),
    execution("d", "running"),
  ]);
  expect(found.map(({ id }) => id)).toEqual(["c"]);
});

it("compares with the last success, where none is asked for", () => {
  const all = [execution("c", "failed"), execution("b", "succeeded")];
  expect(comparedWith(all, undefined)).toBe("b");
  expect(comparedWith(all, "c")).toBe("c");
  expect(comparedWith(all, "older than the list")).toBe("older than the list");
  expect(comparedWith([execution("c", "failed")], undefined)).toBe("c");
  expect(comparedWith([], undefined)).toBeUndefined();
});

it("says of each service why it cannot be compared", () => {
  const place = (region: string, reason: NotComparable["reason"]): NotComparable => ({
    kind: "list",
    service: "sqs",
    region,
    key: "sqs:ListQueues",
    reason,
  });
  expect(
    obstaclesOf([
      place("us-east-1", "not_read"),
      place("eu-west-1", "not_read"),
      place("us-east-1", "catalog_version"),
    ]),
  ).toEqual([
    "sqs in 2 regions: not read by this one",
    "sqs in us-east-1: read under another version of the catalog",
  ]);
});
