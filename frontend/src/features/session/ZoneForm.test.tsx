// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { AxiosHeaders, type InternalAxiosRequestConfig } from "axios";
import { Suspense } from "react";
import { afterEach, expect, it } from "vitest";
import { client } from "~/client/client.gen";
import { ZoneForm } from "./ZoneForm";

/** The server, which keeps what it is sent. */
function keeping(timezone: string | null) {
  const kept = { timezone };
  const sent: unknown[] = [];
  client.instance.defaults.adapter = (config: InternalAxiosRequestConfig) => {
    const isChange = config.method === "patch";
    if (isChange) {
      const body = JSON.parse(config.data as string) as { timezone: string | null };
      sent.push(body);
      kept.timezone = body.timezone;
    }
    const data = isChange ? { ...kept } : { user: { ...kept } };
    const headers = new AxiosHeaders();
    return Promise.resolve({ status: 200, statusText: "", data, headers, config });
  };
  return sent;
}

const field = () => screen.findByLabelText<HTMLInputElement>("Time zone");

function show() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Suspense>
        <ZoneForm />
      </Suspense>
    </QueryClientProvider>,
  );
}

afterEach(cleanup);

it("shows the zone that one said, and saves another", async () => {
  const sent = keeping("Europe/Berlin");
  show();
  expect((await field()).value).toBe("Europe/Berlin");
  const user = userEvent.setup();
  await user.clear(await field());
  await user.type(await field(), "Asia/Tok");
  await user.click(await screen.findByRole("option", { name: "Asia/Tokyo" }));
  await user.click(screen.getByRole("button", { name: "Save the time zone" }));
  expect(await screen.findByText("It is saved.")).toBeTruthy();
  expect((await field()).value).toBe("Asia/Tokyo");
  expect(sent).toEqual([{ timezone: "Asia/Tokyo" }]);
});

it("chooses nothing for who has said nothing, and takes back what is cleared", async () => {
  const sent = keeping(null);
  show();
  expect((await field()).value).toBe("");
  cleanup();
  const later = keeping("UTC");
  show();
  const user = userEvent.setup();
  await user.click(await field());
  await user.click(screen.getByRole("button", { name: "Clear" }));
  await user.click(screen.getByRole("button", { name: "Save the time zone" }));
  expect(await screen.findByText("It is saved.")).toBeTruthy();
  expect(later).toEqual([{ timezone: null }]);
  expect(sent).toEqual([]);
});
