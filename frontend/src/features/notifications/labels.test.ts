import { expect, test } from "vitest";
import { labelsOf, typedLabels } from "./labels";

test("labels are read one a line, and written the same way", () => {
  const labels = { stage: ["prod", "test"], team: ["data"] };
  expect(labelsOf("stage: prod, test\n\n team:data ")).toEqual(labels);
  expect(labelsOf(typedLabels(labels))).toEqual(labels);
});

test("none is null, and what cannot be read is neither", () => {
  expect(labelsOf(" \n")).toBeNull();
  expect(labelsOf("stage")).toBeUndefined();
  expect(labelsOf("stage:")).toBeUndefined();
  expect(labelsOf("stage: a\nstage: b")).toBeUndefined();
});
