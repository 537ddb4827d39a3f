import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { renewalOf } from "./renewal";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type Predicate = (query: { queryKey: unknown[] }) => boolean;

/** A client whose readings end when they are told to. */
function slow() {
  const readings: { ids: string[]; end: () => void }[] = [];
  const invalidateQueries = ({ predicate }: { predicate: Predicate }) =>
    new Promise<void>((end) => {
      const ids = ["listHealth", "listRuns"].filter((_id) =>
        predicate({ queryKey: [{ _id }] }),
      );
      readings.push({ ids, end });
    });
  return { readings, queries: { invalidateQueries } as unknown as QueryClient };
}

it("makes many events one reading, and the next waits for it", async () => {
  const { readings, queries } = slow();
  const renew = renewalOf(queries);
  for (let event = 0; event < 1000; event += 1) renew(["listHealth"]);
  await vi.advanceTimersByTimeAsync(300);
  expect(readings.map(({ ids }) => ids)).toEqual([["listHealth"]]);
  renew(["listRuns"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(readings).toHaveLength(1);
  readings[0]?.end();
  await vi.advanceTimersByTimeAsync(300);
  expect(readings[1]?.ids).toEqual(["listRuns"]);
  readings[1]?.end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(readings).toHaveLength(2);
  renew(["listRuns"]);
  await vi.advanceTimersByTimeAsync(300);
  expect(readings).toHaveLength(3);
});
