import { expect, it } from "vitest";
import { askedOf, filterOf, isFiltered } from "./filters";
import { actorInWords, gist, subjectInWords } from "./words";

const ID = "01961f4e-7d2a-7c11-9b0e-5a4f2d8c6e31";

it("takes what makes no sense for no filter", () => {
  const wild = { who: 7, action: "", id: "../..", from: "2026-13-40", to: "yesterday" };
  expect(isFiltered(filterOf(wild))).toBe(false);
  const sane = { who: "system", id: ID, from: "2026-03-02" };
  expect(filterOf(sane)).toMatchObject(sane);
});

it("asks for whole days, the last included", () => {
  const asked = askedOf({ from: "2026-03-02", to: "2026-03-02", subject: "task" });
  const hours = (Date.parse(asked.to ?? "") - Date.parse(asked.from ?? "")) / 3_600_000;
  expect(hours).toBe(24);
  expect(new Date(asked.from ?? "").getHours()).toBe(0);
  expect(asked.subject_type).toBe("task");
  expect("actor" in asked).toBe(false);
});

it("names who did it as far as it is known", () => {
  const members = [{ user_id: ID, name: "Alice" }];
  expect(actorInWords(`user:${ID}`, members)).toBe("Alice");
  expect(actorInWords(`user:${ID}`, [])).toBe("A former member");
  expect(actorInWords("system", members)).toBe("Cloudrota");
  expect(actorInWords("operator:a:b", members)).toBe("Who runs this installation (a:b)");
  expect(actorInWords("something", members)).toBe("something");
});

it("says subjects and details in a line", () => {
  expect(subjectInWords("aws_account")).toBe("AWS account");
  expect(subjectInWords("api_key")).toBe("API key");
  expect(subjectInWords("task")).toBe("Task");
  expect(gist({ name: "report", scopes: ["a"], expires_at: null, is_new: true })).toBe(
    "name: report, is new: true",
  );
});
