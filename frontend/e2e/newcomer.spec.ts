// A newcomer: sign up, confirm the address from the mail, sign in again, see the way on.
import { expect, test } from "@playwright/test";
import { judge, watch } from "./judge";
import { linkTo, PASSWORD } from "./people";

test("signs up, confirms the address, and signs in", async ({ page, context }) => {
  const complaints = watch(page);
  const address = `newcomer-${Date.now()}@example.com`;
  await page.goto("/");
  await expect(page).toHaveURL(/\/sign-in/);
  expect(await judge(page, "sign-in")).toEqual([]);

  await page.getByRole("link", { name: "Sign up" }).click();
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByText("Write your name.")).toBeVisible();
  expect(await judge(page, "sign-up")).toEqual([]);
  await page.getByLabel("Your name").fill("Nora Newcomer");
  await page.getByLabel("Organization").fill("Acme");
  await page.getByLabel("E-mail").fill(address);
  await page.getByLabel("Password", { exact: true }).fill("cloudrota cloudrota");
  await page.getByRole("button", { name: "Sign up" }).click();
  // The server's own rule, beside its field.
  await expect(page.locator("#field-password-helper-text")).toContainText(
    "name of this product",
  );
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();

  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await expect(page.getByText("Getting started")).toBeVisible();
  expect(await judge(page, "dashboard-new")).toEqual([]);
  await page.goto("/tasks/new");
  await expect(page.getByText("There is no account to look at yet")).toBeVisible();

  const link = linkTo(address);
  await page.goto(link);
  expect(await judge(page, "verify-email")).toEqual([]);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await expect(
    page.getByRole("heading", { name: "Your address is confirmed" }),
  ).toBeVisible();

  await context.clearCookies();
  await page.goto("/problems?status=closed");
  await expect(page).toHaveURL(/\/sign-in\?to=/);
  await page.getByLabel("E-mail").fill(address);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("tab", { name: "Closed", selected: true })).toBeVisible();
  expect(complaints).toEqual([]);
});

test("asks for a new password, and shows an unknown link as such", async ({ page }) => {
  await page.goto("/forgot-password");
  expect(await judge(page, "forgot-password")).toEqual([]);
  await page.getByLabel("E-mail").fill("nobody@example.com");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await expect(page.getByText("a link is on its way")).toBeVisible();
  await page.goto("/reset-password#token=unknown");
  expect(await judge(page, "reset-password")).toEqual([]);
  await page.getByLabel("New password").fill(PASSWORD);
  await page.getByRole("button", { name: "Set the password" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.goto("/accept-invitation#token=unknown");
  await expect(page.getByRole("alert")).toBeVisible();
  expect(await judge(page, "accept-invitation-unknown")).toEqual([]);
});
