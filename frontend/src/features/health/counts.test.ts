import { expect, it } from "vitest";
import type { ServiceHealthRead } from "~/client";
import { countedOf, inWords } from "./counts";

const service = (name: string, counts: Record<string, number>): ServiceHealthRead => ({
  service: name,
  verdict: "healthy",
  reason: null,
  summary: "",
  as_of: null,
  counts,
  tiers: [],
  not_known: {},
});

it("shows the ill first, and names what was not read", () => {
  const { lines, notCounted, verdicts } = countedOf([
    service("s3", { healthy: 40 }),
    service("ec2", { healthy: 12, unhealthy: 1 }),
    service("kms", {}),
    service("rds", { healthy: 2 }),
  ]);
  expect(lines.map((one) => one.service)).toEqual(["ec2", "s3", "rds"]);
  expect(notCounted).toEqual(["kms"]);
  expect(verdicts).toEqual(["unhealthy", "healthy"]);
  expect(inWords(lines.slice(0, 1))).toBe("ec2: 12 healthy, 1 unhealthy.");
});
