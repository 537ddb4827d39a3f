import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { doNow, doSoon, forgetFailure, SOON_MS, soonIs, takeBack } from "./soon";

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await doNow();
  forgetFailure();
  vi.useRealTimers();
});

const make = (id: string, act = vi.fn(() => Promise.resolve())) => ({
  id,
  name: id,
  act,
});

test("it is done when its time is over, and left out meanwhile", async () => {
  const one = make("a");
  doSoon(one);
  expect(soonIs().gone).toContain("a");
  await vi.advanceTimersByTimeAsync(SOON_MS - 1);
  expect(one.act).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(one.act).toHaveBeenCalledOnce();
  expect(soonIs()).toMatchObject({ waiting: null, failed: null });
  expect(soonIs().gone).toContain("a");
});

test("what is taken back is never done, and is there again", async () => {
  const one = make("b");
  doSoon(one);
  takeBack();
  await vi.advanceTimersByTimeAsync(SOON_MS);
  expect(one.act).not.toHaveBeenCalled();
  expect(soonIs().gone).not.toContain("b");
});

test("a second one has the first done at once", () => {
  const [first, second] = [make("c"), make("d")];
  doSoon(first);
  doSoon(second);
  expect(first.act).toHaveBeenCalledOnce();
  takeBack();
  expect(second.act).not.toHaveBeenCalled();
  expect(soonIs().gone).toContain("c");
});

test("what the server refuses is there again, and said", async () => {
  const refusal = new Error("others run after it");
  doSoon(make("e", vi.fn().mockRejectedValue(refusal)));
  await doNow();
  expect(soonIs().failed).toEqual({ name: "e", error: refusal });
  expect(soonIs().gone).not.toContain("e");
});
