import { expect, test } from "vitest";
import { secondsOf, typedSpan } from "./span";

test.each([
  ["15 min", 900],
  ["15m", 900],
  ["2 h", 7_200],
  ["1d", 86_400],
  ["90 s", 90],
])("%s is %d seconds", (typed, seconds) => {
  expect(secondsOf(typed)).toBe(seconds);
  expect(secondsOf(typedSpan(seconds))).toBe(seconds);
});

test("nothing is null, and what cannot be read is neither", () => {
  expect(secondsOf("")).toBeNull();
  expect(secondsOf("0")).toBeNull();
  expect(secondsOf("soon")).toBeUndefined();
  expect(secondsOf("1.5 h")).toBeUndefined();
  expect(typedSpan(null)).toBe("");
});
