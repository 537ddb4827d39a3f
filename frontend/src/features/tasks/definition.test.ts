import { expect, it } from "vitest";
import { blank, bodyOf, scheduleOf } from "./definition";

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
