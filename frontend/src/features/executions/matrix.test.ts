import { expect, it } from "vitest";
import type { UnitRead } from "~/client";
import { matrixOf } from "./matrix";

const unit = (service: string, region: string, status: UnitRead["status"]): UnitRead => ({
  id: `${service}-${region}`,
  kind: "list",
  service,
  region,
  key: "items",
  status,
  reason: null,
  verdict: null,
  tier: null,
  counts: {},
  calls: 0,
  retries: 0,
  throttled: 0,
  pacing: null,
  answers: null,
  error: null,
  started_at: null,
  finished_at: null,
});

it("shows first what failed", () => {
  const { lines, regions } = matrixOf([
    unit("ec2", "us-east-1", "succeeded"),
    unit("ec2", "eu-central-1", "succeeded"),
    unit("sqs", "us-east-1", "succeeded"),
    unit("sqs", "eu-central-1", "failed"),
    unit("rds", "us-east-1", "not_applicable"),
  ]);
  expect(lines.map(({ service }) => service)).toEqual(["sqs", "ec2", "rds"]);
  expect(regions).toEqual(["eu-central-1", "us-east-1"]);
});

it("leaves a place empty where there is no unit", () => {
  const { lines } = matrixOf([
    unit("ec2", "us-east-1", "failed"),
    unit("s3", "eu-central-1", "failed"),
  ]);
  expect(lines[0]?.byRegion.has("eu-central-1")).toBe(false);
});
