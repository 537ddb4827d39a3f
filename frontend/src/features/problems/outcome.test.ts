import { expect, it } from "vitest";
import type { RerunItem } from "~/client";
import { countOf } from "./outcome";

const item = (outcome: RerunItem["outcome"]): RerunItem => ({
  execution_id: "x",
  task_id: "x",
  aws_account_id: "x",
  outcome,
  run_id: null,
  new_execution_id: null,
});

it("counts what was started, what was not, and what is left", () => {
  const items = [item("started"), item("superseded"), item("started")];
  expect(countOf({ items, not_shown: 0 })).toBe("2 of 3 run again");
  expect(countOf({ items, not_shown: 40 })).toBe("2 of 3 run again, 40 are left");
  expect(countOf({ items: [], not_shown: 0 })).toBe("Nothing is left to run again");
});
