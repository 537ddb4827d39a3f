import { expect, it } from "vitest";
import { idOf, oneOf, placeOf, textOf } from "./search";

it.each(["//evil.example", "/\\evil.example", "https://evil.example", "javascript:1", 7])(
  "does not lead to %s after signing in",
  (place) => {
    expect(placeOf(place)).toBeUndefined();
  },
);

it("leads to our own pages", () => {
  expect(placeOf("/problems?status=closed")).toBe("/problems?status=closed");
});

it("takes nothing that makes no sense", () => {
  expect(textOf("x".repeat(201))).toBeUndefined();
  expect(textOf(["x"])).toBeUndefined();
  expect(idOf("../x")).toBeUndefined();
  expect(oneOf("all", ["open", "closed"])).toBeUndefined();
  expect(oneOf("open", ["open", "closed"])).toBe("open");
});
