import { expect, test } from "vitest";
import { untilOf } from "./until";

const NOW = new Date(2026, 2, 2, 22, 30);

test("each span ends when it says, on the reader's clock", () => {
  expect(untilOf("hour", "", NOW)).toBe(new Date(2026, 2, 2, 23, 30).toISOString());
  expect(untilOf("morning", "", NOW)).toBe(new Date(2026, 2, 3, 9, 0).toISOString());
  expect(untilOf("other", "2026-03-05T07:15", NOW)).toBe(
    new Date(2026, 2, 5, 7, 15).toISOString(),
  );
});

test("a time that is not typed yet is none", () => {
  expect(untilOf("other", "", NOW)).toBeNull();
});
