import { expect, it } from "vitest";
import { type Command, longestWord, matching } from "./Palette";

const command = (label: string, kind: string): Command => ({
  id: label,
  label,
  kind,
  run: () => undefined,
});
const COMMANDS = [
  command("Tasks", "Go to"),
  command("Nightly inventory", "Run now"),
  command("Nightly inventory", "Task"),
];

it("finds what holds every word, in any order and case", () => {
  expect(matching(COMMANDS, "inventory RUN").map(({ kind }) => kind)).toEqual([
    "Run now",
  ]);
});

it("shows what there is before anything is typed", () => {
  expect(matching(COMMANDS, " ")).toHaveLength(3);
});

it("asks for the longest word: the others say what is to be done", () => {
  expect(longestWord("run nightly")).toBe("nightly");
  expect(longestWord(" ")).toBe("");
});
