import { expect, it } from "vitest";
import { entryIn } from "./version";

it("finds the build's entry, whatever stands around it", () => {
  const page =
    '<script nonce="x">let a = 1;</script>' +
    '<script type="module" crossorigin src="/assets/index-B7.js" nonce="x"></script>';
  expect(entryIn(page)).toBe("/assets/index-B7.js");
});

it("finds nothing in another answer", () => {
  expect(entryIn("<h1>Bad gateway</h1>")).toBeNull();
});
