// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { AxiosHeaders, type InternalAxiosRequestConfig } from "axios";
import { afterEach, beforeAll, expect, it } from "vitest";
import type { MuteRead } from "~/client";
import { client } from "~/client/client.gen";
import { MuteButton } from "./MuteButton";

const TASK = { id: "01961f60-3c2d-7a11-8a0c-3f1d8a5e9b10", name: "Nightly" };
const NEXT_YEAR = `${new Date().getFullYear() + 1}-03-01T08:00:00Z`;

type Sent = { method: string | undefined; url: string | undefined; body: unknown };

/** The server with these mutes; what was changed there is kept. */
function serving(...mutes: Partial<MuteRead>[]) {
  const standing = [...mutes];
  const sent: Sent[] = [];
  client.instance.defaults.adapter = (config: InternalAxiosRequestConfig) => {
    const { method, url } = config;
    const body = config.data ? (JSON.parse(config.data as string) as object) : undefined;
    if (method !== "get") sent.push({ method, url, body });
    if (method === "post") standing.push({ id: "made", ...body });
    if (method === "delete") standing.length = 0;
    const data = method === "get" ? { items: [...standing], next_cursor: null } : {};
    const headers = new AxiosHeaders();
    return Promise.resolve({ status: 200, statusText: "", data, headers, config });
  };
  return sent;
}

function show(props: { maySee?: boolean; may?: boolean } = {}) {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MuteButton kind="task_id" of={TASK} maySee may {...props} />
    </QueryClientProvider>,
  );
}

// It comes late, and the first time slowly.
beforeAll(() => import("./MuteDialog"));
afterEach(cleanup);

it("mutes the task by its name until an instant, and says until when", async () => {
  const sent = serving();
  const user = userEvent.setup();
  show();
  await user.click(screen.getByRole("button", { name: "Mute" }));
  expect(await screen.findByRole("dialog", { name: "Mute Nightly" })).toBeTruthy();
  await user.type(screen.getByLabelText("Reason"), "Planned work.");
  await user.click(screen.getByRole("button", { name: "Mute it" }));
  expect(await screen.findByText(/Muted until/)).toBeTruthy();
  const body = sent[0]?.body as MuteRead;
  expect(body).toMatchObject({ task_id: TASK.id, reason: "Planned work." });
  expect(Date.parse(body.until)).toBeGreaterThan(Date.now());
});

it("offers the way back where it is muted, and not where another is", async () => {
  const sent = serving({ id: "standing", task_id: TASK.id, until: NEXT_YEAR });
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Unmute" }));
  expect(await screen.findByRole("button", { name: "Mute" })).toBeTruthy();
  expect(sent).toEqual([
    {
      method: "delete",
      url: expect.stringMatching(/notification-mutes\/standing$/) as string,
      body: undefined,
    },
  ]);
  cleanup();
  serving({ id: "other", task_id: "another", until: NEXT_YEAR });
  show();
  expect(await screen.findByRole("button", { name: "Mute" })).toBeTruthy();
});

it("is nothing for who may not see mutes, and disabled for who may not mute", () => {
  serving();
  show({ maySee: false });
  expect(screen.queryByRole("button")).toBeNull();
  show({ may: false });
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Mute" }).disabled).toBe(
    true,
  );
});
