// A newcomer who pays: signs up, confirms the address from the mail, goes from the plans to
// the test checkout and back, to the invoices, and is told of a payment that fails later.
import { expect, type Page, test } from "@playwright/test";
import { judge, watch } from "./judge";
import { linkTo, PASSWORD } from "./people";

const TRIAL_SECONDS = 15 * 86_400;
const GOOD = "4242 4242 4242 4242";
const REFUSED = "4000 0000 0000 0002";
const REFUSED_LATER = "4000 0000 0000 0341";

async function signUp(page: Page, address: string) {
  await page.goto("/sign-up");
  await page.getByLabel("Your name").fill("Paula Payer");
  await page.getByLabel("Organization").fill("Paula and sons");
  await page.getByLabel("E-mail").fill(address);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign up" }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
}

test("a newcomer signs up, pays, and is told of a payment that fails", async ({
  browser,
  baseURL,
}) => {
  const page = await (await browser.newContext({ baseURL })).newPage();
  const complaints = watch(page);
  const address = `paula-${Date.now()}@example.com`;
  const plan = page.getByRole("button", { name: /^(Try|Choose) Team/ }).first();
  await signUp(page, address);

  // Nobody pays before the address is confirmed.
  await page.goto("/subscription");
  await expect(plan).toBeDisabled();
  await page.goto(linkTo(address));
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await expect(
    page.getByRole("heading", { name: "Your address is confirmed" }),
  ).toBeVisible();
  await page.goto("/subscription");
  expect(await judge(page, "subscription-new")).toEqual([]);
  await plan.click();
  await expect(page.getByText("Test checkout")).toBeVisible();

  // A card that the bank refuses leads nowhere; one may come back without paying.
  await page.getByLabel("Card number").fill(REFUSED);
  await page.getByRole("button", { name: "Subscribe" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByRole("link", { name: "Back without paying" }).click();
  await expect(page).toHaveURL(/\/subscription$/);

  await plan.click();
  await page.getByLabel("Card number").fill(GOOD);
  await page.getByLabel("Country").fill("DE");
  await page.getByRole("button", { name: "Subscribe" }).click();
  await expect(page).toHaveURL(/checkout=done/);
  await expect(page.getByText("The plan Team is yours.")).toBeVisible({
    timeout: 60_000,
  });
  const standing = page.getByRole("region", { name: "Your plan" });
  await expect(standing.getByText("Team", { exact: true })).toBeVisible();
  expect(await judge(page, "subscription-paid")).toEqual([]);

  await page.getByRole("button", { name: /^Invoices/ }).click();
  await expect(page.getByText("Test checkout")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "paid" })).toHaveCount(1);
  await page.getByLabel("Card number").fill(REFUSED_LATER);
  await page.getByRole("button", { name: "Change", exact: true }).click();
  // At the test checkout the trial is over, and the card is charged.
  const moved = await page.request.post(new URL("/_fake/clock", page.url()).href, {
    data: { seconds: TRIAL_SECONDS },
  });
  expect(moved.ok()).toBe(true);
  await page.getByRole("link", { name: "Return" }).click();
  await expect(async () => {
    await page.reload();
    await expect(
      page.getByRole("status").getByText("The last payment failed"),
    ).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  expect(await judge(page, "subscription-failed")).toEqual([]);
  expect(complaints).toEqual([]);
});
