import { expect, it } from "vitest";
import type { CoveredRead, ExecutionRead } from "~/client";
import { lastOfEach, notRead, placesOf } from "./listings";

const execution = (
  task_id: string,
  status: ExecutionRead["status"],
  created_at: string,
): ExecutionRead =>
  ({ task_id, aws_account_id: "a", status, created_at }) as ExecutionRead;

const place = (service: string, region: string): CoveredRead => ({
  service,
  region,
  key: `${service}:List`,
  reason: "AWSPermissionError",
});

it("takes the newest that has ended, of each task", () => {
  const found = lastOfEach([
    execution("t", "running", "2026-03-03"),
    execution("t", "failed", "2026-03-02"),
    execution("t", "succeeded", "2026-03-01"),
    execution("u", "skipped", "2026-03-02"),
    execution("u", "succeeded", "2026-03-01"),
  ]);
  expect(found.map(({ task_id, status }) => [task_id, status])).toEqual([
    ["t", "failed"],
    ["u", "succeeded"],
  ]);
});

it("says what was not read of what is asked for, and that nothing is known", () => {
  const not_read = [place("ec2", "us-east-1"), place("sqs", "eu-west-1")];
  const coverage = { read: [], not_read, not_applicable: [], excluded: [] };
  const all = { service: undefined, region: undefined };
  expect(notRead({ coverage }, all)).toEqual(not_read);
  expect(notRead({ coverage }, { ...all, service: "sqs" })).toHaveLength(1);
  expect(notRead({ coverage }, { ...all, region: "us-west-2" })).toEqual([]);
  expect(notRead({ coverage: null }, all)).toBeNull();
});

it("names the places of each service", () => {
  const items = [
    place("ec2", "us-east-1"),
    place("sqs", "us-east-1"),
    place("sqs", "eu-west-1"),
  ];
  expect(placesOf(items)).toBe("ec2 in us-east-1, sqs in 2 regions");
});
