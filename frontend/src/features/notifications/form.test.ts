import { expect, test } from "vitest";
import { fieldAt } from "./form";

const FIELDS = ["name", "channel_ids", "digest.at"] as const;

test("what is wrong with one of a list is said at the list", () => {
  expect(fieldAt("channel_ids.0", FIELDS)).toBe("channel_ids");
  expect(fieldAt("rule.digest.at", FIELDS)).toBe("digest.at");
  expect(fieldAt("named", FIELDS)).toBeUndefined();
});
