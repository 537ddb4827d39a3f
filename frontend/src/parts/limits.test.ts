import { expect, it } from "vitest";
import {
  dayOf,
  endOfDay,
  labelsOf,
  limitInWords,
  limitOf,
  linesOf,
  wrongIn,
} from "./limits";

it("is no limit without a label, and one line for each", () => {
  expect(limitOf([])).toBeNull();
  expect(limitOf([{ label: "  ", values: [] }])).toBeNull();
  const limit = { client: ["north", "south"], stage: ["live"] };
  expect(limitOf(linesOf(limit))).toEqual(limit);
  expect(limitInWords(limit)).toBe("client: north or south, stage: live");
  const twice = [
    { label: "client", values: ["north"] },
    { label: "client ", values: ["south", "north"] },
  ];
  expect(limitOf(twice)).toEqual({ client: ["north", "south"] });
});

it("takes no empty line for one that limits nothing", () => {
  expect(wrongIn([])).toBeUndefined();
  expect(wrongIn([{ label: "client", values: ["north"] }])).toBeUndefined();
  expect(wrongIn([{ label: "", values: ["north"] }])).toMatch(/Name the label/);
  expect(wrongIn([{ label: "client", values: [] }])).toMatch(/a value of client/);
});

it("knows each label with its values once", () => {
  const accounts: { labels: Record<string, string> }[] = [
    { labels: { client: "south" } },
    { labels: { client: "north", stage: "live" } },
    { labels: { client: "south" } },
  ];
  expect([...labelsOf(accounts)]).toEqual([
    ["client", ["north", "south"]],
    ["stage", ["live"]],
  ]);
});

it("ends with the day, in the reader's zone", () => {
  expect(endOfDay("")).toBeNull();
  expect(endOfDay("soon")).toBeNull();
  expect(dayOf(null)).toBe("");
  expect(dayOf(endOfDay("2030-01-31"))).toBe("2030-01-31");
});
