import { AxiosError, AxiosHeaders } from "axios";
import { expect, test, vi } from "vitest";
import { doEach, type Outcome } from "./bulk";

const refusal = (status: number, headers: Record<string, string> = {}) =>
  new AxiosError("refused", undefined, undefined, undefined, {
    status,
    statusText: "",
    data: { title: "Refused", detail: "for a reason" },
    headers,
    config: { headers: new AxiosHeaders() },
  });
const named = (id: string) => ({ id, name: id });

test("each is done once and told for itself, a refused one too", async () => {
  const told: Outcome[] = [];
  const tasks = Array.from({ length: 9 }, (_, index) => named(`task ${index}`));
  const act = vi.fn(({ id }: { id: string }) =>
    id === "task 4" ? Promise.reject(refusal(409)) : Promise.resolve(),
  );
  await doEach(tasks, act, (one) => told.push(one));
  expect(act).toHaveBeenCalledTimes(9);
  expect(told.map(({ id }) => id).sort()).toEqual(tasks.map(({ id }) => id));
  expect(told.filter(({ trouble }) => trouble)).toMatchObject([
    { id: "task 4", trouble: { status: 409, detail: "for a reason" } },
  ]);
});

test("who is told to wait waits, and not for ever", async () => {
  vi.useFakeTimers();
  const told: Outcome[] = [];
  const full = () => Promise.reject(refusal(429, { "retry-after": "7" }));
  const once = vi.fn().mockImplementationOnce(full).mockResolvedValue(undefined);
  const never = vi.fn(full);
  const done = Promise.all([
    doEach([named("a")], once, (one) => told.push(one)),
    doEach([named("b")], never, (one) => told.push(one)),
  ]);
  await vi.advanceTimersByTimeAsync(6_999);
  expect(once).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(60_000);
  await done;
  vi.useRealTimers();
  expect(once).toHaveBeenCalledTimes(2);
  expect(never).toHaveBeenCalledTimes(5);
  expect(told).toMatchObject([
    { id: "a", trouble: null },
    { id: "b", trouble: { status: 429 } },
  ]);
});
