// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { AxiosError, AxiosHeaders } from "axios";
import type { ReactNode } from "react";
import { afterEach, expect, it, vi } from "vitest";
import { useMeeting } from "./useMeeting";

const read = (name: string, tag: string) => ({ id: "one", name, enabled: true, tag });
const MINE = read("Mine", "first");

function refusal(status: number) {
  const config = { headers: new AxiosHeaders() };
  const data = { code: "stale-version", title: "", detail: "", errors: [] };
  const response = { status, statusText: "", data, headers: {}, config };
  return new AxiosError("refused", "", config, null, response);
}

function begin(latest = read("Theirs", "second")) {
  const Client = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>
  );
  return renderHook(
    ({ one }) =>
      useMeeting({
        one,
        read: () => Promise.resolve(latest),
        typedOf: ({ name }) => ({ name }),
      }),
    { wrapper: Client, initialProps: { one: MINE } },
  );
}

afterEach(cleanup);

it("names what was read when one began, whatever is read later", () => {
  const { result, rerender } = begin();
  rerender({ one: read("Theirs", "second") });
  expect(result.current.headers).toEqual({ "if-match": "first" });
});

it("goes along with a change of what the form does not hold", () => {
  const { result, rerender } = begin();
  rerender({ one: { ...MINE, enabled: false, tag: "switched" } });
  expect(result.current.headers).toEqual({ "if-match": "switched" });
});

it("reads theirs where somebody saved first, and names it the next time", async () => {
  const { result } = begin();
  const then = vi.fn();
  act(() => {
    expect(result.current.met(refusal(412), then)).toBe(true);
  });
  await waitFor(() => {
    expect(result.current.isMet).toBe(true);
  });
  expect(then).toHaveBeenCalled();
  expect(result.current.base?.name).toBe("Theirs");
  expect(result.current.headers).toEqual({ "if-match": "second" });
});

it("leaves every other refusal to the form", () => {
  const { result } = begin();
  expect(result.current.met(refusal(422), vi.fn())).toBe(false);
  expect(result.current.isMet).toBe(false);
});
