// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { AxiosError, AxiosHeaders, type InternalAxiosRequestConfig } from "axios";
import { afterEach, expect, it, vi } from "vitest";
import { client } from "~/client/client.gen";
import { SignUpForm } from "./SignUpForm";

/** The server, answering each request with this problem; what was sent is kept. */
function refusing(status: number, problem: object) {
  const sent: unknown[] = [];
  client.instance.defaults.adapter = (config: InternalAxiosRequestConfig) => {
    sent.push(JSON.parse(config.data as string));
    const headers = new AxiosHeaders();
    const response = { status, statusText: "", data: problem, headers, config };
    return Promise.reject(new AxiosError("refused", "", config, null, response));
  };
  return sent;
}

function show() {
  const onDone = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignUpForm onDone={onDone} />
    </QueryClientProvider>,
  );
  return onDone;
}

async function type(password: string) {
  const user = userEvent.setup();
  await user.type(screen.getByLabelText("Your name"), "Alice");
  await user.type(screen.getByLabelText("Organization"), "Acme");
  await user.type(screen.getByLabelText("E-mail"), "alice@example.com");
  await user.type(screen.getByLabelText("Password"), password);
  await user.click(screen.getByRole("button", { name: "Sign up" }));
}

afterEach(cleanup);

const NO_ZONE = "'Mars/Olympus' is not an IANA time zone";

it("sends the browser's time zone, and asks for one where that is refused", async () => {
  const sent = refusing(422, {
    code: "invalid",
    title: "The request has invalid fields",
    detail: NO_ZONE,
    errors: [{ pointer: "/timezone", code: "unknown_timezone", message: NO_ZONE }],
  });
  show();
  expect(screen.queryByLabelText("Time zone")).toBeNull();
  await type("a walk along the river");
  expect(await screen.findByText(NO_ZONE)).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  const user = userEvent.setup();
  await user.clear(screen.getByLabelText("Time zone"));
  await user.type(screen.getByLabelText("Time zone"), "Asia/Tok");
  await user.click(await screen.findByRole("option", { name: "Asia/Tokyo" }));
  await user.click(screen.getByRole("button", { name: "Sign up" }));
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  expect(sent[0]).toMatchObject({ timezone: here, email: "alice@example.com" });
  expect(sent[1]).toMatchObject({ timezone: "Asia/Tokyo", email: "alice@example.com" });
});

it("says beside its field what is wrong, and asks nobody", async () => {
  const sent = refusing(500, {});
  show();
  await type("short");
  expect(await screen.findByText(/At least 12 characters; a sentence/)).toBeTruthy();
  expect(screen.getByLabelText("Password").getAttribute("aria-invalid")).toBe("true");
  expect(sent).toEqual([]);
});

it("puts what the server found beside its field, and keeps what was typed", async () => {
  const sent = refusing(409, {
    code: "email-taken",
    title: "This address is taken",
    detail: "Sign in, or use another address.",
    errors: [{ pointer: "/email", code: "taken", message: "This address is taken." }],
  });
  const onDone = show();
  await type("a walk along the river");
  expect(await screen.findByText("This address is taken.")).toBeTruthy();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByLabelText<HTMLInputElement>("Your name").value).toBe("Alice");
  expect(sent).toHaveLength(1);
  expect(onDone).not.toHaveBeenCalled();
});

it("says above what is about no field", async () => {
  refusing(503, {
    code: "unavailable",
    title: "Not available now",
    detail: "Soon again.",
    errors: [],
  });
  show();
  await type("a walk along the river");
  expect((await screen.findByRole("alert")).textContent).toContain("Not available now");
});
