import { expect, it } from "vitest";
import type { PastVersionRead } from "~/client";
import { storyOf } from "./versions";

const version = (from_at: string, until_at: string | null): PastVersionRead => ({
  id: from_at,
  from_at,
  until_at,
  content_hash: "x",
  from_execution_id: null,
  until_execution_id: null,
});

it("tells of each version with the one before it", () => {
  const now = version("2026-03-02", null);
  const first = version("2026-03-01", "2026-03-02");
  expect(storyOf([now, first])).toEqual([
    { kind: "version", version: now, before: first },
    { kind: "version", version: first, before: undefined },
  ]);
});

it("tells of an absence between two, and of one that lasts", () => {
  const back = version("2026-03-03", "2026-03-04");
  const first = version("2026-03-01", "2026-03-02");
  const absences = storyOf([back, first]).filter(({ kind }) => kind === "absence");
  expect(absences).toEqual([
    { kind: "absence", from: "2026-03-04", until: null },
    { kind: "absence", from: "2026-03-02", until: "2026-03-03" },
  ]);
});
