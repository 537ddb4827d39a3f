import { expect, it } from "vitest";
import { readLabels, writeLabels } from "./labels";

it("reads several values of one label as one of them", () => {
  expect(readLabels(["client: north", "client:south", "stage: a:b"])).toEqual({
    client: ["north", "south"],
    stage: ["a:b"],
  });
});

it("writes what it reads", () => {
  const selector = { client: ["north", "south"], stage: [""] };
  expect(readLabels(writeLabels(selector))).toEqual(selector);
});
