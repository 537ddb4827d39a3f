import { expect, it } from "vitest";
import { blank, bodyOf, scheduleOf, shape } from "./definition";

const { schedule } = blank("Europe/Berlin");

it.each([
  ["on_demand", { kind: "on_demand" }],
  ["daily", { kind: "daily", timezone: "Europe/Berlin", time: "07:00" }],
  ["weekly", { kind: "weekly", timezone: "Europe/Berlin", time: "07:00", days: ["mon"] }],
  ["monthly", { kind: "monthly", timezone: "Europe/Berlin", time: "07:00", day: 1 }],
  ["cron", { kind: "cron", timezone: "Europe/Berlin", expression: "rate(1 hour)" }],
] as const)("sends of a %s schedule only what belongs to it", (kind, sent) => {
  expect(scheduleOf({ ...schedule, kind })).toEqual(sent);
});

it("sends nothing while the schedule is not whole", () => {
  expect(scheduleOf({ ...schedule, kind: "once" })).toBeNull();
  expect(scheduleOf({ ...schedule, kind: "weekly", days: [] })).toBeNull();
  expect(bodyOf({ ...blank("UTC"), schedule: { ...schedule, time: "" } })).toBeNull();
});

it("knows the last day of a month", () => {
  expect(scheduleOf({ ...schedule, kind: "monthly", day: "last" })).toMatchObject({
    day: "last",
  });
});

it("sends labels in place of accounts where these are chosen", () => {
  const targets = {
    by: "labels" as const,
    account_ids: ["x"],
    selector: ["client: north"],
  };
  expect(bodyOf({ ...blank("UTC"), targets })?.targets).toEqual({
    selector: { client: ["north"] },
  });
});

it("sends a start, an end and a spread where they are typed", () => {
  expect(
    scheduleOf({ ...schedule, starts_at: "2026-03-01T00:00", jitter_seconds: "30" }),
  ).toMatchObject({ starts_at: "2026-03-01T00:00:00", jitter_seconds: 30 });
  expect(
    scheduleOf({ ...schedule, kind: "on_demand", ends_at: "2026-03-01T00:00" }),
  ).toEqual({ kind: "on_demand" });
});

it("asks for whole numbers within their bounds", () => {
  const typed = { ...blank("UTC"), timeout_seconds: "5", misfire_grace_seconds: "x" };
  const wrong = shape.safeParse(typed).error?.issues.map(({ path }) => path.join("."));
  expect(wrong).toEqual(
    expect.arrayContaining(["timeout_seconds", "misfire_grace_seconds"]),
  );
});
