import { expect, test } from "vitest";
import { replayedWords } from "./replayed";

test("it is said how many are on their way, and how many are left", () => {
  expect(replayedWords({ replayed: 0, left: 0 })).toMatch(/^Nothing failed/);
  expect(replayedWords({ replayed: 1, left: 0 })).toBe("1 is on its way.");
  expect(replayedWords({ replayed: 1000, left: 3 })).toBe(
    "1000 are on their way. 3 more are left: send again.",
  );
});
