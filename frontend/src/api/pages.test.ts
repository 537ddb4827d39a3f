import { expect, it, vi } from "vitest";
import { everyPage } from "./pages";

const pages = new Map([
  [null, { items: [1, 2], next_cursor: "b" }],
  ["b", { items: [3], next_cursor: "c" }],
  ["c", { items: [4], next_cursor: null }],
]);
const ask = (cursor: string | null) => {
  const page = pages.get(cursor);
  return page ? Promise.resolve(page) : Promise.reject(new Error("no such page"));
};

it("loads on until there is no more", async () => {
  expect(await everyPage(ask)).toEqual({ items: [1, 2, 3, 4], next_cursor: null });
});

it("says that there is more than it was to load", async () => {
  expect(await everyPage(ask, 2)).toEqual({ items: [1, 2, 3], next_cursor: "c" });
});

it("is no list where one page could not be read", async () => {
  const failing = vi.fn(ask).mockRejectedValueOnce(new Error("away"));
  await expect(everyPage(failing)).rejects.toThrow("away");
});
