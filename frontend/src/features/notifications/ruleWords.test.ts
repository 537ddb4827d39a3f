import { expect, test } from "vitest";
import { timesOf } from "./ruleWords";

const PLAIN = {
  after: null,
  delay_seconds: 0,
  repeat_seconds: null,
  digest: null,
  quiet_hours: null,
  recovery: true,
};

test("a rule's times are said in words", () => {
  expect(timesOf(PLAIN)).toBe("At once");
  expect(timesOf({ ...PLAIN, delay_seconds: 900, repeat_seconds: 86_400 })).toBe(
    "After 15 min; again every 1 d",
  );
  const quiet_hours = { begin: "22:00", until: "07:00", timezone: "Europe/Berlin" };
  expect(timesOf({ ...PLAIN, after: 3, quiet_hours, recovery: false })).toBe(
    "At once; at failure 3 in a row; quiet from 22:00 until 07:00 (Europe/Berlin); not the end",
  );
  const digest = { every: "weekly", at: "09:00", day: "fri", timezone: "UTC" } as const;
  expect(timesOf({ ...PLAIN, digest })).toBe("As a digest, on Friday at 09:00 (UTC)");
});
