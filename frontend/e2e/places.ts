// The console's pages, for tests that look at all of them.
import { expect, type Page } from "@playwright/test";
import type { Script } from "./people";

export const PAGES = [
  "/",
  "/problems",
  "/accounts",
  "/tasks",
  "/inventory",
  "/notifications",
  "/notifications?tab=deliveries",
  "/team",
  "/api-keys",
  "/audit-log",
  "/subscription",
  "/usage",
  "/settings",
] as const;

const KINDS = {
  tasks: "/tasks",
  executions: "/executions",
  problems: "/problems",
  accounts: "/aws-accounts",
  "aws-credentials": "/aws-credentials",
  inventory: "/resources",
};

/** The pages of the first task, execution, problem, account, way in and resource. */
export async function placesOf(script: Script): Promise<string[]> {
  const found: string[] = [];
  for (const [place, path] of Object.entries(KINDS)) {
    const [first] = await script.items(path);
    expect(first, path).toBeDefined();
    found.push(`/${place}/${first?.id}`);
  }
  return found;
}

/** Go there, and wait until nothing of it is on its way. */
export async function open(page: Page, path: string) {
  await page.goto(path);
  await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
  await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
}
