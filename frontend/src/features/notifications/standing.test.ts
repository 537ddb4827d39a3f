import { expect, test } from "vitest";
import { standingOf, type Told } from "./standing";

const NOW = Date.parse("2026-03-02T08:00:00Z");
const WELL: Told = {
  enabled: true,
  verified_at: "2026-03-01T08:00:00Z",
  test_pending: false,
  tested_at: "2026-03-02T07:00:00Z",
  test_error: null,
};

const wordOf = (more: Partial<Told>) => standingOf({ ...WELL, ...more }, NOW).word;

test("what keeps it from being told anything comes first", () => {
  const failing = { failing_since: "2026-03-02T06:00:00Z", test_error: "It said 500." };
  expect(wordOf({ ...failing, enabled: false })).toBe("disabled");
  expect(wordOf({ ...failing, verified_at: null })).toBe("not_confirmed");
  expect(wordOf(failing)).toBe("failing");
});

test("a pause counts until it is over", () => {
  expect(wordOf({ paused_until: "2026-03-02T08:01:00Z" })).toBe("paused");
  expect(wordOf({ paused_until: "2026-03-02T07:59:00Z" })).toBe("tested");
});

test("a test says what became of it", () => {
  expect(wordOf({ test_pending: true })).toBe("testing");
  expect(wordOf({ test_error: "It answered 404." })).toBe("test_failed");
  expect(wordOf({})).toBe("tested");
  expect(wordOf({ tested_at: null })).toBe("untested");
});

test("an endpoint has no address to be confirmed", () => {
  expect(wordOf({ verified_at: undefined })).toBe("tested");
});
