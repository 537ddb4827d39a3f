import { expect, it } from "vitest";
import type { TaskRead } from "~/client";
import { meet, patchOf, typedOf, wallOf } from "./change";

const TASK: TaskRead = {
  id: "01961f52-0b6e-7f6d-8a0c-3f1d8a5e9b10",
  name: "Health",
  type: "health_check",
  kind: "read",
  services: ["ec2"],
  regions: ["all_enabled"],
  targets: { account_ids: null, selector: { client: ["north"] } },
  parameters: { limit: 3 },
  schedule: {
    kind: "cron",
    timezone: "Europe/Berlin",
    expression: "rate(1 hour)",
    anchor: "2026-03-01T00:00:00Z",
  },
  schedule_in_words: "Every hour.",
  after: [],
  priority: "normal",
  timeout_seconds: 900,
  on_error: "isolate",
  retry_policy: { categories: ["AWSServiceError"], retries: 2, delay_seconds: 60 },
  overlap: "skip",
  misfire_grace_seconds: 300,
  notifications: { mute: false, channel_ids: [] },
  enabled: true,
  disabled_reason: null,
  next_run_at: null,
  version: 3,
  created_by: null,
  created_at: "2026-03-01T00:00:00Z",
  updated_at: "2026-03-01T00:00:00Z",
};

it("sends nothing where nothing was changed", () => {
  expect(patchOf(TASK, typedOf(TASK))).toEqual({});
});

it("sends only what was changed", () => {
  const typed = { ...typedOf(TASK), name: "Well?", timeout_seconds: "60" };
  expect(patchOf(TASK, typed)).toEqual({ name: "Well?", timeout_seconds: 60 });
});

it("takes retries away where no error is named any more", () => {
  const typed = typedOf(TASK);
  const retry_policy = { ...typed.retry_policy, categories: [] };
  expect(patchOf(TASK, { ...typed, retry_policy })).toEqual({ retry_policy: null });
});

it("keeps the anchor of a rate that stays", () => {
  const typed = typedOf(TASK);
  const elsewhere = { ...typed.schedule, timezone: "UTC" };
  const another = { ...typed.schedule, expression: "rate(2 hours)" };
  expect(patchOf(TASK, { ...typed, schedule: elsewhere })?.schedule).toHaveProperty(
    "anchor",
  );
  expect(patchOf(TASK, { ...typed, schedule: another })?.schedule).not.toHaveProperty(
    "anchor",
  );
});

it("shows an instant as the clock of its zone, and a wall clock as it is", () => {
  expect(wallOf("2026-07-01T22:30:00Z", "Europe/Berlin")).toBe("2026-07-02T00:30");
  expect(wallOf("2026-07-01T22:30:00", "Europe/Berlin")).toBe("2026-07-01T22:30");
});

it("keeps what was typed, and takes over what somebody else changed", () => {
  const latest = {
    ...TASK,
    name: "Theirs",
    services: ["rds"],
    overlap: "queue",
  } as const;
  const typed = { ...typedOf(TASK), name: "Mine", priority: "high" } as const;
  const met = meet(TASK, typed, { ...latest, services: ["rds"] });
  expect(met.typed).toMatchObject({
    name: "Mine",
    priority: "high",
    services: ["rds"],
    overlap: "queue",
  });
  expect(met.theirs).toEqual(["name", "services", "overlap"]);
  expect(met.both).toEqual(["name"]);
});
