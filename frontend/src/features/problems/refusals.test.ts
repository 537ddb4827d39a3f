import { expect, it } from "vitest";
import { refusedSince } from "./refusals";

const failed = (category: string, operation: string, last_at: string) => ({
  category,
  error: { operation },
  last_at,
});

it("knows a refused key and a refused role from a missing permission", () => {
  const at = "2026-03-03T07:00:00Z";
  const key = failed("AWSAuthenticationError", "DescribeInstances", at);
  const role = failed("AWSPermissionError", "AssumeRole", at);
  const missing = failed("AWSPermissionError", "ListSecrets", at);
  const problems = [key, role, missing];
  expect(refusedSince(problems, "2026-03-03T06:00:00.25Z")).toEqual([key, role]);
  expect(refusedSince(problems, "2026-03-03T08:00:00Z")).toEqual([]);
});
