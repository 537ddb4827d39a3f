// Who uses the console in these tests, and what they find in their mail.
import { execFileSync } from "node:child_process";
import {
  type APIRequestContext,
  type Browser,
  expect,
  type Page,
} from "@playwright/test";
import { watch } from "./judge";

/** The owner of the organization that the demo has made. */
export const OWNER = {
  email: process.env.EMAIL ?? "",
  password: process.env.PASSWORD ?? "",
};
export const PASSWORD = "a quiet walk along the river";

type Person = typeof OWNER;
type Seated = { page: Page; complaints: string[] };

/** Somebody at the dashboard, and a list that fills with whatever goes wrong. */
export async function signIn(
  browser: Browser,
  baseURL?: string,
  person: Person = OWNER,
): Promise<Seated> {
  const page = await (await browser.newContext({ baseURL })).newPage();
  const complaints = watch(page);
  await enter(page, person);
  return { page, complaints };
}

/** This page, signed in. */
export async function enter(page: Page, { email, password }: Person = OWNER) {
  await page.goto("/");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
}

type Item = { id: string; name?: string };
export type Script = {
  post: (path: string, data: object) => Promise<void>;
  items: (path: string) => Promise<Item[]>;
};

/** What a script of this person may ask of the API. */
export async function scriptOf(
  request: APIRequestContext,
  { email, password }: Person = OWNER,
): Promise<Script> {
  const told = await post(request, "/auth/login", { email, password });
  const { access_token } = (await told.json()) as { access_token: string };
  const headers = { Authorization: `Bearer ${access_token}` };
  return {
    post: async (path, data) => {
      await post(request, path, data, headers);
    },
    items: async (path) => {
      const found = await request.get(`/api/v1${path}`, { headers });
      expect(found.ok(), await found.text()).toBe(true);
      return ((await found.json()) as { items: Item[] }).items;
    },
  };
}

async function post(
  request: APIRequestContext,
  path: string,
  data: object,
  headers?: Record<string, string>,
) {
  const answer = await request.post(`/api/v1${path}`, { data, headers });
  expect(answer.ok(), `${path}: ${await answer.text()}`).toBe(true);
  return answer;
}

/** A new customer with an organization of their own, and a confirmed address. */
export async function newCustomer(
  request: APIRequestContext,
  name: string,
): Promise<Person> {
  const email = `${name.toLowerCase()}-${Date.now()}@example.com`;
  const organization_name = `${name} and sons`;
  const data = { name, organization_name, email, password: PASSWORD };
  await post(request, "/auth/register", data);
  await post(request, "/auth/verify-email", { token: tokenOf(linkTo(email)) });
  return { email, password: PASSWORD };
}

/** Somebody whom the owner has invited, and who has accepted. */
export async function newMember(
  request: APIRequestContext,
  script: Script,
  role: string,
): Promise<Person> {
  const email = `${role}-${Date.now()}@example.com`;
  await script.post("/invitations", { email, role });
  const token = tokenOf(linkTo(email));
  const data = { token, name: `A ${role}`, password: PASSWORD };
  await post(request, "/auth/accept-invitation", data);
  return { email, password: PASSWORD };
}

const tokenOf = (link: string) => new URL(link).hash.replace("#token=", "");

/** The link of the newest mail to this address. */
export function linkTo(address: string): string {
  return fromPython(
    "import sys; from pathlib import Path; from tests.mailbox import Mailbox;" +
      "print(Mailbox(Path(sys.argv[1])).wait_for(sys.argv[2], within=60).link)",
    process.env.MAILBOX ?? "",
    address,
  );
}

/** What the tests' own Python says to this. */
export const fromPython = (script: string, ...of: string[]) =>
  python("-c", script, ...of);

/** What a customer does in an AWS account of its own. */
export const atCustomers = (...of: string[]) => python("-m", "tests.e2e.customer", ...of);

function python(...of: string[]): string {
  const said = execFileSync(process.env.PYTHON ?? "python3", of, {
    cwd: "..",
    encoding: "utf8",
  });
  return said.trim();
}
