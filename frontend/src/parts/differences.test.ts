import { expect, it } from "vitest";
import { differences } from "./differences";

it("gives each field that differs, by its pointer", () => {
  expect(
    differences(
      { State: { Name: "running", Code: 16 }, Gone: 1, Same: [1, { a: 1, b: 2 }] },
      { State: { Name: "stopped", Code: 16 }, New: "x", Same: [1, { b: 2, a: 1 }] },
    ),
  ).toEqual([
    { pointer: "/Gone", before: 1, after: null },
    { pointer: "/New", before: null, after: "x" },
    { pointer: "/State/Name", before: "running", after: "stopped" },
  ]);
});

it("gives of two lists only the members that the other one lacks", () => {
  const tags = (...names: string[]) => ({ Tags: names.map((Key) => ({ Key })) });
  expect(differences(tags("a", "b", "b"), tags("b", "c"))).toEqual([
    { pointer: "/Tags", before: [{ Key: "a" }, { Key: "b" }], after: [{ Key: "c" }] },
  ]);
});

it("gives both lists where only the order differs", () => {
  expect(differences({ Words: ["a", "b"] }, { Words: ["b", "a"] })).toEqual([
    { pointer: "/Words", before: ["a", "b"], after: ["b", "a"] },
  ]);
});

it("writes a pointer that leads there, whatever a name holds", () => {
  expect(differences({ Tags: { "a/b~c": 1 } }, { Tags: { "a/b~c": 2 } })).toEqual([
    { pointer: "/Tags/a~1b~0c", before: 1, after: 2 },
  ]);
});
