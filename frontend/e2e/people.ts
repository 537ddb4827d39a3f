// Who uses the console in these tests, and what they find in their mail.
import { execFileSync } from "node:child_process";
import { type Browser, expect, type Page } from "@playwright/test";
import { watch } from "./judge";

/** The owner of the organization that the demo has made. */
export const OWNER = {
  email: process.env.EMAIL ?? "",
  password: process.env.PASSWORD ?? "",
};

type Seated = { page: Page; complaints: string[] };

/** The owner at the dashboard, and a list that fills with whatever goes wrong. */
export async function signIn(browser: Browser, baseURL?: string): Promise<Seated> {
  const page = await (await browser.newContext({ baseURL })).newPage();
  const complaints = watch(page);
  await page.goto("/");
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  return { page, complaints };
}

/** The link of the newest mail to this address. */
export function linkTo(address: string): string {
  const script =
    "import sys; from pathlib import Path; from tests.mailbox import Mailbox;" +
    "print(Mailbox(Path(sys.argv[1])).wait_for(sys.argv[2]).link)";
  const python = process.env.PYTHON ?? "python3";
  const mailbox = process.env.MAILBOX ?? "";
  return execFileSync(python, ["-c", script, mailbox, address], {
    cwd: "..",
    encoding: "utf8",
  }).trim();
}
